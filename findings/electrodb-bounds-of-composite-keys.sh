#!/usr/bin/env bash
# electrodb 3.9.3: `gt` includes what is equal, and `lte` leaves it out, where a composite key goes on.
# Guessed: `gt({at: "20"})` gives the items after 20, `lte({at: "20"})` those up to and with 20.
# Seen:    the bound is the key's beginning: an item with at = 20 sorts after it, so `gt` has it and `lte` has not.
# Matters: pages by `gt(last)` give the last items again; a report up to a day lacks the day. It is documented under `compare`, and is the default.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund electrodb@3.9.3 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > seen.mjs <<'NODE'
import { Entity } from "electrodb";
import assert from "node:assert";
const orders = new Entity({
  model: { entity: "order", version: "1", service: "shop" },
  attributes: { id: { type: "string" }, status: { type: "string" }, at: { type: "string" } },
  indexes: {
    main: { pk: { field: "pk", composite: ["id"] }, sk: { field: "sk", composite: [] } },
    byStatus: { index: "g1", pk: { field: "g1pk", composite: ["status"] }, sk: { field: "g1sk", composite: ["at", "id"] } },
  },
}, { table: "t" });
const key = orders.put({ id: "7", status: "open", at: "20" }).params().Item.g1sk;
const asked = (query) => {
  const { KeyConditionExpression: text, ExpressionAttributeValues: values } = query.params();
  return [text.split(" and ")[1], values[":sk1"]];
};
const [gt, above] = asked(orders.query.byStatus({ status: "open" }).gt({ at: "20" }));
const [lte, upTo] = asked(orders.query.byStatus({ status: "open" }).lte({ at: "20" }));
console.log(`the item's key: ${key}; gt: ${gt} with ${above}; lte: ${lte} with ${upTo}`);
assert.deepEqual([gt, lte], ["#sk1 > :sk1", "#sk1 <= :sk1"]);
assert.ok(key > above, "gt has the item with at = 20");
assert.ok(!(key <= upTo), "lte has it not");
NODE
AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true node seen.mjs
