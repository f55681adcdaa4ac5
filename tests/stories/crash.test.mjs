// kill -9 at any time: nothing acknowledged is missing afterwards, no code works twice, queued messages go out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Api, codes } from "./support/api.mjs";
import { enrolled } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

function connect() {
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  return [new Api(server.facts.graphql, sandbox.apiKey), new Api(server.facts.graphql, sandbox.supportApiKey)];
}

test("what was acknowledged is there after kill -9, and used codes stay used", async () => {
  let [api, support] = connect();
  // Every login is asked, whatever it was that came before.
  assert.deepEqual(codes(await support.publish({ defaultLevel: "HIGH", minimumLevel: "HIGH" })), []);
  const people = ["c1", "c2", "c3", "c4", "c5", "c6"];
  for (const person of people) await enrolled(api, person);
  const acknowledged = [];
  let killed = false;
  const work = async (person) => {
    while (!killed) {
      const login = await api.evaluate(person).catch(() => null);
      if (!login) return;
      const record = { id: login.id };
      acknowledged.push(record);
      const started = await api.start(login, login.methods[0]).catch(() => null);
      if (!started?.challenge || codes(started).length) continue;
      record.challenge = started.challenge;
      record.code = await api.code(started.challenge).catch(() => null);
      if (!record.code || killed) return;
      const done = await api.verify(started.challenge, record.code).catch(() => null);
      if (done?.login) record.assertion = done.login.assertion;
    }
  };
  const workers = people.map(work);
  // In the middle of work, however slow the machine is.
  for (let waited = 0; waited < 60_000 && acknowledged.length < 15; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const gone = server.kill();
  killed = true;
  await gone;
  await Promise.allSettled(workers);
  await server.up();
  [api, support] = connect();

  assert.equal(acknowledged.length >= 15, true, `${acknowledged.length} logins were acknowledged`);
  for (const record of acknowledged) {
    const login = await api.login(record.id);
    assert.ok(login, `${record.id} is missing`);
    if (record.assertion) assert.ok(login.completedAt, `${record.id} was complete`);
    if (!record.challenge) continue;
    // What was on its way when the server died is in doubt until its lease runs out, after 30 s.
    const code = await api.code(record.challenge, 60_000);
    if (record.code) assert.equal(code, record.code, "a message that went out again carries the same code");
    if (record.assertion) assert.deepEqual(codes(await api.verify(record.challenge, code)), ["ALREADY_COMPLETED"]);
  }
  const { tenant } = await api.query("{ tenant { messages(first: 100) { edges { node { status } } } } }");
  const waiting = tenant.messages.edges.filter(({ node }) => ["QUEUED", "SENDING"].includes(node.status));
  assert.deepEqual(waiting, [], "queued messages go out");
});
