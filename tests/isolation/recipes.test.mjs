// Nothing that names something is left out of the matrix: a new argument or address fails here until somebody says
// what it names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { buildSchema } from "graphql";

import { inputs } from "./recipes.mjs";
import { another } from "./support/another.mjs";
import { allowances, named } from "./support/matrix.mjs";
import { faults, routes } from "./support/routes.mjs";
import { TEXT, places, schema } from "./support/schema.mjs";

test("every argument of the schema has a recipe, and every recipe is of an argument", () => {
  assert.deepEqual(named().faults, []);
  assert.ok(places().length > 200 && named().found.length > 150, "this is the whole schema");
});

test("every address has a recipe, and every recipe is of an address", () => {
  assert.ok(routes().length > 50, "these are all addresses");
  assert.deepEqual(faults(), []);
});

test("every mutation has an input, and a row of the authorization matrix", () => {
  const known = inputs({ ids: {}, word: "x", house: {} });
  const mutations = Object.keys(schema.getMutationType().getFields());
  assert.deepEqual(mutations.filter((name) => !(name in known)), []);
  assert.deepEqual(Object.keys(known).filter((name) => !mutations.includes(name)), []);
  assert.deepEqual(mutations.filter((name) => !allowances().get(name)?.size), []);
});

for (const [what, was, is, fault] of [
  ["an argument of a query", "login(id: ID!): Login", "login(id: ID!, of: ID): Login", /^Query\.login\(of\) has no recipe/],
  ["a field of an input", "input LockUserInput {", "input LockUserInput {\n  factorId: ID", /^Mutation\.lockUser\(input\.factorId\) has no recipe/],
  ["a text that may be a name", "input LockUserInput {", "input LockUserInput {\n  device: String", /^Mutation\.lockUser\(input\.device\) has no recipe/],
  ["an argument of a type's", "type PhoneFactor implements Factor & Node {", "type PhoneFactor implements Factor & Node {\n  of(login: ID!): Boolean", /^PhoneFactor\.of\(login\) has no recipe/],
]) {
  test(`${what} that nobody spoke of is found by name`, () => {
    const changed = TEXT.replace(was, is);
    assert.notEqual(changed, TEXT);
    const { faults } = named(buildSchema(changed));
    assert.ok(faults.some((one) => fault.test(one)), faults.join("\n"));
  });
}

test("an address that nobody spoke of is found by name", () => {
  assert.deepEqual(faults([...routes(), "/pictures/{user}"]), ["/pictures/{user} has no recipe: say in support/routes.mjs what it names"]);
});

test("another of a kind is of the same kind, and another", () => {
  for (const value of ["user_06h1fswbjsvn5axwyr3srcrn44", "+14152738491", "owner@ocelot.example", Buffer.from("login_06h1fswfthzhsfpjefdmjcptyr").toString("base64url")]) {
    const other = another(value, "ocelot");
    assert.notEqual(other, value);
    assert.equal(other.length, value.length);
    assert.equal(other.slice(0, 4), value.slice(0, 4));
  }
  assert.throws(() => another("whatever", "ocelot"), /like nothing that is known/);
});
