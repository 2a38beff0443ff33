#!/usr/bin/env bash
# @aws-sdk/lib-dynamodb 3.1169.0: an ArrayBuffer is sent as empty binary, a Float32Array as a TypeError.
# Guessed: what its types admit as binary (NativeAttributeBinary names ArrayBuffer, DataView and Float32Array) is sent as its bytes.
# Seen:    the bytes of an ArrayBuffer and of a DataView are lost without a word; a Float32Array raises from within the encoder.
# Matters: an ArrayBuffer is what fetch() and Web Crypto return, and a Float32Array what an embedding is.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1169.0 @aws-sdk/lib-dynamodb@3.1169.0 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > seen.mjs <<'NODE'
import client from "@aws-sdk/client-dynamodb";
import lib from "@aws-sdk/lib-dynamodb";
import assert from "node:assert";
let body;
const requestHandler = { handle: async (request) => { body = request.body; throw new Error("not sent"); } };
const db = lib.DynamoDBDocumentClient.from(new client.DynamoDBClient({
  region: "us-east-1", requestHandler, maxAttempts: 1, credentials: { accessKeyId: "x", secretAccessKey: "x" },
}));
const seen = {};
const bytes = new Uint8Array([1, 2, 3]);
const values = { Uint8Array: bytes, ArrayBuffer: bytes.buffer, DataView: new DataView(bytes.buffer), Float32Array: new Float32Array([0.5]) };
for (const [name, v] of Object.entries(values)) {
  body = undefined;
  const error = await db.send(new lib.PutCommand({ TableName: "t", Item: { id: "1", v } })).catch((e) => e);
  seen[name] = body === undefined ? error.name : JSON.parse(body).Item.v.B;
}
console.log(JSON.stringify(seen));
assert.deepEqual(seen, { Uint8Array: "AQID", ArrayBuffer: "", DataView: "", Float32Array: "TypeError" });
NODE
AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true node seen.mjs
