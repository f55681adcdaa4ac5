// Called with another tenant's identifiers, every operation answers as for identifiers that do not exist.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Api } from "./support/api.mjs";
import { enrolled, number, settled, verified } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

let server;
let theirs;
let theirSupport;
let ours;
let ourSupport;
before(async () => {
  server = await Server.start();
  const [sandbox, live] = ["SANDBOX", "LIVE"].map((environment) => server.facts.tenants.find((tenant) => tenant.environment === environment));
  theirs = new Api(server.facts.graphql, sandbox.apiKey);
  theirSupport = new Api(server.facts.graphql, sandbox.supportApiKey);
  ours = new Api(server.facts.graphql, live.apiKey);
  ourSupport = new Api(server.facts.graphql, live.supportApiKey);
});
after(() => server?.stop());

/** An identifier of the same type that names nothing. */
const absent = (id) => id.replace(/.$/, (last) => (last === "0" ? "4" : "0"));

test("every operation with a foreign identifier answers as with an absent one", async () => {
  await theirSupport.publish();
  const phone = await enrolled(theirs, "foreign", { email: "foreign@client.example" });
  const login = await theirs.evaluate("foreign");
  const { challenge } = await theirs.start(login, login.methods[0]);
  const pending = await theirs.enrollPhone("foreign", number(), { loginId: (await verified(theirs, "foreign")).id, role: "RECOVERY" });
  const issued = await theirSupport.must("issueTemporaryAccessCode", { user: { externalId: "foreign" }, reason: "x" }, "temporaryAccessCode { id }");
  const asked = await theirs.must("requestTemporaryAccess", { loginId: login.id }, "request { id }");
  const { user } = await theirs.query('{ user(ref: { externalId: "foreign" }) { id } }');
  await settled(theirs, "foreign-staff", {}, { kind: "INTERNAL", rememberDevice: true });
  const [device] = (await theirs.query('{ user(ref: { externalId: "foreign-staff" }) { trustedDevices { id } } }')).user.trustedDevices;
  const keys = await theirs.query("{ viewer { ... on ApiKey { id } } }");
  const messages = await theirs.query("{ tenant { id policy { id } messages(first: 1) { edges { node { id } } } } }");

  const cases = [
    [ours, "evaluateLogin", (id) => ({ user: { id: id(user.id) }, firstFactor: "PASSWORD", ipAddress: "bad" }), "login { id }"],
    [ours, "startChallenge", (id) => ({ loginId: id(login.id), methodId: login.methods[0].id }), "challenge { id }"],
    [ours, "verifyChallenge", (id) => ({ challengeId: id(challenge.id), code: "1" }), "login { id }"],
    [ours, "skipEnrollment", (id) => ({ loginId: id(login.id) }), "login { id }"],
    [ours, "requestTemporaryAccess", (id) => ({ loginId: id(login.id) }), "request { id }"],
    [ours, "deleteUser", (id) => ({ user: { id: id(user.id) } }), "deletedId"],
    [ours, "enrollPhone", (id) => ({ user: { id: id(user.id) }, number: "bad" }), "factor { id }"],
    [ours, "enrollEmail", (id) => ({ user: { id: id(user.id) } }), "factor { id }"],
    [ours, "enrollTotp", (id) => ({ user: { id: id(user.id) } }), "factor { id }"],
    [ours, "sendFactorCode", (id) => ({ factorId: id(pending.factor.id) }), "factor { id }"],
    [ours, "confirmFactor", (id) => ({ factorId: id(pending.factor.id), code: "1" }), "factor { id }"],
    [ours, "removeFactor", (id) => ({ factorId: id(phone.id) }), "user { id }"],
    [ours, "generateBackupCodes", (id) => ({ user: { id: id(user.id) } }), "codes"],
    [ours, "chooseSecurityLevel", (id) => ({ user: { id: id(user.id) }, level: "HIGH" }), "user { id }"],
    [ours, "optOut", (id) => ({ user: { id: id(user.id) } }), "user { id }"],
    [ours, "optIn", (id) => ({ user: { id: id(user.id) } }), "user { id }"],
    [ours, "forgetDevices", (id) => ({ user: { id: id(user.id) } }), "user { id }"],
    [ours, "forgetDevices", (id) => ({ user: { externalId: "irene" }, deviceIds: [id(device.id)] }), "user { id }"],
    [ourSupport, "removeFactor", (id) => ({ factorId: id(phone.id) }), "user { id }"],
    [ourSupport, "issueTemporaryAccessCode", (id) => ({ user: { id: id(user.id) }, reason: "", validForSeconds: 1 }), "code"],
    [ourSupport, "revokeTemporaryAccessCode", (id) => ({ id: id(issued.temporaryAccessCode.id) }), "temporaryAccessCode { id }"],
    [ourSupport, "approveTemporaryAccessRequest", (id) => ({ id: id(asked.request.id), reason: "x" }), "code"],
    [ourSupport, "declineTemporaryAccessRequest", (id) => ({ id: id(asked.request.id), reason: "x" }), "request { id }"],
    [ourSupport, "lockUser", (id) => ({ user: { id: id(user.id) }, reason: "x" }), "user { id }"],
    [ourSupport, "unlockUser", (id) => ({ user: { id: id(user.id) }, reason: "x" }), "user { id }"],
    [ourSupport, "resetUser", (id) => ({ user: { id: id(user.id) }, reason: "x" }), "code"],
    [ourSupport, "sendOneTimeLink", (id) => ({ user: { id: id(user.id) }, returnUrl: "bad" }), "expiresAt"],
  ];
  for (const [caller, name, input, fields] of cases) {
    const answers = [];
    for (const id of [(own) => own, absent, () => "nonsense", (own) => own.replace(/^[a-z]+_/, "policy_")]) {
      const payload = await caller.mutate(name, input(id), fields);
      answers.push(JSON.stringify(payload));
    }
    assert.equal(new Set(answers).size, 1, `${name}: ${answers.join(" | ")}`);
    assert.match(answers[0], /"NOT_FOUND"/, name);
    assert.equal(JSON.parse(answers[0]).userErrors.length, 1, `${name}: alone`);
  }

  const nodes = [user.id, login.id, challenge.id, phone.id, device.id, login.methods[0].id, keys.viewer.id, asked.request.id,
    issued.temporaryAccessCode.id, messages.tenant.policy.id, messages.tenant.messages.edges[0].node.id, messages.tenant.id];
  for (const id of nodes) {
    assert.deepEqual(await ours.query("query($id: ID!) { node(id: $id) { id } }", { id }), { node: null }, id);
  }
  const read = await ours.query("query($id: ID!, $user: ID!) { login(id: $id) { id } user(ref: { id: $user }) { id } }", { id: login.id, user: user.id });
  assert.deepEqual(read, { login: null, user: null });
  const everything = JSON.stringify(await ours.query("{ tenant { users(first: 100) { edges { node { externalId } } } logins(first: 100) { edges { node { id } } } messages(first: 100) { edges { node { id } } } } }"));
  for (const canary of ["foreign", login.id, messages.tenant.messages.edges[0].node.id]) {
    assert.equal(everything.includes(canary), false, canary);
  }
});

test("keys are bound to their tenant and their scopes", async () => {
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  const named = await ours.as({ "x-postern-tenant": sandbox.id }).raw("{ tenant { id } }");
  assert.equal(named.body.errors[0].extensions.code, "FORBIDDEN");
  const partner = new Api(server.facts.graphql, server.facts.partner.apiKey);
  const without = await partner.raw("{ tenant { id } }");
  assert.deepEqual([without.body.errors[0].extensions.code, without.body.errors[0].extensions.reason], ["FORBIDDEN", "TENANT_REQUIRED"]);
  const within = await partner.as({ "x-postern-tenant": sandbox.id }).query("{ tenant { id } }");
  assert.equal(within.tenant.id, sandbox.id);
  const scope = await ours.raw('mutation { lockUser(input: { user: { externalId: "x" }, reason: "x" }) { user { id } } }');
  assert.equal(scope.body.errors[0].extensions.code, "FORBIDDEN");
  const nobody = await new Api(server.facts.graphql, "postern_sandbox_nonsense").raw("{ viewer { __typename } }");
  assert.equal(nobody.status, 401);
  assert.equal(nobody.body.errors[0].extensions.code, "UNAUTHENTICATED");
});
