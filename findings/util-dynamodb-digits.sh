#!/usr/bin/env bash
# @aws-sdk/util-dynamodb 3.996.9: a set of two numbers is read as a set of one.
# Guessed: numbers that a JavaScript number cannot hold raise, as 9007199254740993.5 does.
# Seen:    only the size is checked: fractions are rounded without a word, and two elements of a number set become one.
# Matters: read, change, write stores a set with an element less; a service in another language had written both.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @aws-sdk/util-dynamodb@3.996.9 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > seen.mjs <<'NODE'
import pkg from "@aws-sdk/util-dynamodb";
import assert from "node:assert";
const set = pkg.unmarshall({ s: { NS: ["0.1234567890123456780", "0.1234567890123456781"] } }).s;
const fraction = pkg.unmarshall({ n: { N: "0.1234567890123456789" } }).n;
let large;
try { pkg.unmarshall({ n: { N: "9007199254740993.5" } }); } catch (error) { large = error.message; }
console.log(`elements of the set: ${set.size}; the fraction: ${fraction}; the large one: ${large}`);
assert.equal(set.size, 1);
assert.equal(String(fraction), "0.12345678901234568");
assert.match(large, /can't be converted to BigInt/);
NODE
AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true node seen.mjs
