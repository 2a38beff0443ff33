#!/usr/bin/env bash
# dynamodb-toolbox 2.10.6: an array given to an update replaces elements, not the list.
# Guessed: `tags: ["x"]` sets the list, as it sets a string, a number or a set.
# Seen:    `SET tags[0] = :x`: a longer list keeps its tail, and an item without the list is refused by DynamoDB. Sets are replaced.
# Matters: three tags updated to one are still three. `$set` replaces; a schema of type any behaves the same, inside of maps too.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund dynamodb-toolbox@2.10.6 @aws-sdk/lib-dynamodb@3.1169.0 @aws-sdk/client-dynamodb@3.1169.0 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > seen.mjs <<'NODE'
import { Entity, Table, UpdateItemCommand, any, item, list, set, string } from "dynamodb-toolbox";
import assert from "node:assert";
const things = new Entity({
  name: "thing",
  table: new Table({ name: "t", partitionKey: { name: "pk", type: "string" } }),
  timestamps: false,
  entityAttribute: false,
  schema: item({ pk: string().key(), tags: list(string()).optional(), names: set(string()).optional(), free: any().optional() }),
});
const expression = (values) => {
  const { UpdateExpression: text, ExpressionAttributeNames: names } = things.build(UpdateItemCommand).item({ pk: "1", ...values }).params();
  return text.replace(/#\w+/g, (name) => names[name]).replace(/:\w+/g, ":v");
};
const seen = [expression({ tags: ["x"] }), expression({ names: new Set(["x"]) }), expression({ free: { deep: ["x"] } })];
console.log(seen.join(" | "));
assert.deepEqual(seen, ["SET tags[0] = :v", "SET names = :v", "SET free.deep[0] = :v"]);
NODE
AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true node seen.mjs
