import assert from "node:assert/strict";
import { test } from "node:test";

import { breaches, layerOf } from "./check-layers.mjs";

const normal = (...names) => names.map((name) => ({ name, kind: null }));
const dev = (...names) => names.map((name) => ({ name, kind: "dev" }));

test("a crate's layer is its prefix", () => {
  assert.equal(layerOf("core-policy"), "core");
  assert.equal(layerOf("svc-logins"), "svc");
  assert.equal(layerOf("edge-http"), "edge-http");
  assert.equal(layerOf("serde"), undefined);
  assert.equal(layerOf("core"), "core");
});

test("what the house allows passes", () => {
  assert.deepEqual(breaches("core-policy", normal("core-kernel", "serde")), []);
  assert.deepEqual(breaches("svc-logins", normal("core-policy", "io-postgres", "svc-factors", "sqlx", "tokio")), []);
  assert.deepEqual(breaches("app", normal("edge-http", "graphql", "svc-logins", "axum")), []);
});

test("a way in beside GraphQL stands on the gateway and the services alone", () => {
  assert.equal(layerOf("edge-scim"), "edge-scim");
  assert.deepEqual(breaches("edge-scim", normal("edge-http", "svc-directory", "core-kernel", "axum")), []);
  for (const name of ["graphql", "io-postgres", "sqlx", "async-graphql"]) {
    assert.equal(breaches("edge-scim", normal(name)).length, 1, name);
  }
  assert.equal(breaches("edge-http", normal("edge-scim")).length, 1, "the gateway does not know who is merged into it");
});

test("the core never looks up, and knows no async and no SQL", () => {
  for (const name of ["io-postgres", "svc-logins", "graphql", "tokio", "sqlx", "axum", "async-graphql"]) {
    assert.equal(breaches("core-policy", normal(name)).length, 1, name);
    assert.equal(breaches("core-policy", dev(name)).length, 1, `${name} in its tests`);
  }
});

test("io never looks up", () => {
  assert.equal(breaches("io-postgres", normal("svc-audit")).length, 1);
  assert.equal(breaches("io-postgres", normal("graphql")).length, 1);
});

test("services keep to their chain", () => {
  assert.equal(breaches("svc-audit", normal("svc-logins")).length, 1);
  assert.equal(breaches("svc-factors", normal("svc-logins")).length, 1);
  assert.equal(breaches("svc-logins", normal("graphql")).length, 1);
  assert.equal(breaches("svc-logins", normal("axum")).length, 1);
});

test("only the app wires both edges", () => {
  assert.deepEqual(breaches("edge-http", normal("graphql")), []);
  assert.equal(breaches("graphql", normal("edge-http")).length, 1);
  assert.equal(breaches("graphql", normal("sqlx")).length, 1);
});

test("tests of the upper layers may wire what the code may not", () => {
  assert.deepEqual(breaches("svc-audit", dev("testkit", "axum")), []);
});

test("a crate without a place fails", () => {
  assert.equal(breaches("misc", []).length, 1);
  assert.equal(breaches("svc-new", []).length, 1);
});
