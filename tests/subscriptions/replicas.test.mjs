// What happens at one gateway is told at another, by WebSocket and as server-sent events alike, to the
// protocols' own clients.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { enrolled } from "../stories/support/people.mjs";
import { Installation } from "../stories/support/replicas.mjs";
import { ANSWERED, CHALLENGE, Firm, PROGRESS, REQUESTED, events, webSocket } from "./support.mjs";

/** How long a key may open what it did, with every notification lost. */
const REVOKED_WITHIN = 5_500;

let installation, firm, other, here, there, login, desk;
const open = [];

before(async () => {
  installation = await Installation.start();
  [here, there] = installation.gateways;
  const partnerKey = (await installation.run("partner", "create", "--name", "Northgate Services")).trim();
  firm = await Firm.make(installation, partnerKey, "meridian");
  other = await Firm.make(installation, partnerKey, "elsewhere");
  [login, desk] = [firm.at(here.graphql, firm.login), firm.at(here.graphql, firm.desk)];
});
after(async () => {
  open.forEach((subscriber) => subscriber.end());
  await installation?.stop();
});

/** A subscriber at the gateway where nothing happens. */
function subscriber(transport, key = firm.login, more) {
  const made = transport(there.url, key, more);
  open.push(made);
  return made;
}

let people = 0;

/** A challenge that waits for its code. */
async function challenged(api = login) {
  const name = `client-${(people += 1)}`;
  await enrolled(api, name);
  const attempt = await api.evaluate(name);
  const { challenge } = await api.start(attempt, attempt.methods[0]);
  return { attempt, challenge };
}

/** A user who asks for help. */
async function asking(note, api = login) {
  const { attempt } = await challenged(api);
  return (await api.must("requestTemporaryAccess", { loginId: attempt.id, note }, "request { id }")).request;
}

/** Some batches of the worker's. */
const IMPORTED = 8_000;

/** A file of users on its way; the import's identifier. */
async function importing(rows, label) {
  const lines = Array.from({ length: rows }, (_, row) => `${label}-${row},EXTERNAL,Client ${row}`);
  const query = "mutation($input: ImportUsersInput!) { importUsers(input: $input) { job { id } userErrors { code message } } }";
  const form = new FormData();
  form.set("operations", JSON.stringify({ query, variables: { input: { file: null } } }));
  form.set("map", JSON.stringify({ 0: ["variables.input.file"] }));
  form.set("0", new Blob([["external_id,kind,display_name", ...lines, ""].join("\n")], { type: "text/csv" }), "users.csv");
  const response = await fetch(here.graphql, { method: "POST", headers: { authorization: `Bearer ${firm.login}` }, body: form });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.deepEqual(data.importUsers.userErrors, []);
  return data.importUsers.job.id;
}

const wrong = (code) => (code === "000000" ? "000001" : "000000");

for (const [name, transport] of Object.entries({ WebSocket: webSocket, "server-sent events": events })) {
  describe(name, () => {
    test("a challenge is told as it is, after a wrong code, and to its end", async () => {
      const { challenge } = await challenged();
      const code = await login.code(challenge);
      const told = subscriber(transport).subscribe(CHALLENGE, { id: challenge.id });
      await told.until("the present state", ({ last }) => last?.status === "PENDING" && last.attemptsRemaining === 5);
      assert.equal(told.last.destination?.includes("•") || told.last.destination?.includes("*"), true, "masked");
      await login.verify(challenge, wrong(code));
      await told.until("a wrong code", ({ last }) => last.attemptsRemaining === 4);
      await login.verify(challenge, code);
      await told.until("the right code", ({ last }) => last.status === "VERIFIED");
      await told.until("its end", ({ done }) => done);
      assert.deepEqual(told.codes, []);
    });

    test("what becomes of its message is told", async () => {
      const { challenge } = await challenged();
      const told = subscriber(transport).subscribe(CHALLENGE, { id: challenge.id });
      await told.until("delivered", ({ last }) => last?.message?.status === "DELIVERED");
      told.stop();
    });

    test("it expires when the tenant's clock says so", async () => {
      const { challenge } = await challenged();
      const told = subscriber(transport).subscribe(CHALLENGE, { id: challenge.id });
      await told.until("the present state", ({ last }) => last?.status === "PENDING");
      await desk.advance(600);
      await told.until("expired", ({ last, done }) => last.status === "EXPIRED" && done);
    });

    test("a state that is final is told once and completes", async () => {
      const { challenge } = await challenged();
      await login.verify(challenge, await login.code(challenge));
      const told = subscriber(transport).subscribe(CHALLENGE, { id: challenge.id });
      await told.until("its end", ({ done }) => done);
      assert.deepEqual(told.values.map(({ data }) => data.challengeUpdated.status), ["VERIFIED"]);
    });

    test("open requests are told first, then each new one, once", async () => {
      const before = await asking("before");
      const told = subscriber(transport, firm.desk).subscribe(REQUESTED);
      const ids = () => told.values.map(({ data }) => data.temporaryAccessRequested.id);
      await told.until("the open one", () => ids().includes(before.id));
      const news = [await asking("first"), await asking("second")];
      await told.until("the new ones", () => news.every(({ id }) => ids().includes(id)));
      await sleep(1_000);
      assert.equal(new Set(ids()).size, ids().length, "each once");
      const { note, user, login: from } = told.last;
      assert.deepEqual([note, from.ipAddress], ["second", "198.51.100.7"]);
      assert.match(user.externalId, /^client-/);
      told.stop();
    });

    test("the page on which a user waits hears of the answer", async () => {
      const request = await asking("lost my phone");
      const told = subscriber(transport).subscribe(ANSWERED, { id: request.id });
      await told.until("open", ({ last }) => last?.status === "OPEN");
      await desk.must("declineTemporaryAccessRequest", { id: request.id, reason: "Could not tell who it is." }, "request { id }");
      await told.until("declined", ({ last, done }) => last.status === "DECLINED" && done);
    });

    test("an import is told as it comes along, and to its end", async () => {
      const id = await importing(IMPORTED, `file-${(people += 1)}`);
      const told = subscriber(transport).subscribe(PROGRESS, { id });
      await told.until("its end", ({ last, done }) => last?.status === "COMPLETED" && done, 180_000);
      const processed = told.values.map(({ data }) => data.importProgress.processedRows);
      assert.deepEqual(processed, processed.toSorted((a, b) => a - b), "it only moves forward");
      assert.deepEqual([told.last.processedRows, told.last.createdRows], [IMPORTED, IMPORTED]);
      assert.ok(told.values.length > 2, "told on the way");
      const foreign = subscriber(transport, other.login).subscribe(PROGRESS, { id });
      await foreign.until("refused", ({ codes }) => codes.length > 0);
      assert.deepEqual(foreign.codes, ["NOT_FOUND"]);
    });

    test("another tenant's things are not there, and nothing of them is told", async () => {
      const elsewhere = other.at(here.graphql, other.login);
      const { challenge } = await challenged(elsewhere);
      const mine = subscriber(transport, firm.desk);
      const desks = mine.subscribe(REQUESTED);
      const request = await asking("secret", elsewhere);
      const unknown = ["challenge_00000000000000000000000000", "nonsense", "", firm.id];
      for (const id of [challenge.id, request.id, ...unknown]) {
        for (const query of [CHALLENGE, ANSWERED]) {
          const told = mine.subscribe(query, { id });
          await told.until(`${id} is refused`, ({ codes }) => codes.length > 0);
          assert.deepEqual(told.codes, ["NOT_FOUND"], id);
          assert.equal(told.last ?? null, null);
        }
      }
      await sleep(500);
      assert.ok(!JSON.stringify(desks.values).includes(request.id));
      desks.stop();
    });

    test("what a key may not do it may not watch", async () => {
      const told = subscriber(transport).subscribe(REQUESTED);
      await told.until("refused", ({ error, codes }) => error || codes.length > 0);
      await told.until("with its code", ({ codes }) => codes.length > 0);
      assert.deepEqual([told.codes, told.last ?? null], [["FORBIDDEN"], null]);
    });

    test("a key that is revoked ends what it opened within a second, and within five with every notification lost", async () => {
      for (const deaf of [false, true]) {
        const key = await firm.key("LOGIN", "READ");
        const { challenge } = await challenged();
        const told = subscriber(transport, key).subscribe(CHALLENGE, { id: challenge.id });
        await told.until("the present state", ({ last }) => last);
        if (deaf) there.road.deafen();
        const revoked = performance.now();
        await firm.revoke(key);
        await told.until("cut off", ({ error, done }) => error || done, 20_000);
        const took = performance.now() - revoked;
        assert.ok(took < (deaf ? REVOKED_WITHIN : 1_500), `${Math.round(took)} ms`);
        there.road.deaf = false;
        if (deaf) await listening();
      }
    });

    test("whoever lost notifications is told the state when they are back", async () => {
      const { challenge } = await challenged();
      const code = await login.code(challenge);
      const told = subscriber(transport).subscribe(CHALLENGE, { id: challenge.id });
      await told.until("the present state", ({ last }) => last?.status === "PENDING");
      there.road.deafen();
      await login.verify(challenge, code);
      there.road.deaf = false;
      await told.until("told all the same", ({ last, done }) => last.status === "VERIFIED" && done);
      await listening();
    });
  });
}

/** Until the gateway hears of changes again. */
async function listening() {
  for (let step = 0; step < 200 && there.road.listening === 0; step += 1) await sleep(50);
  assert.ok(there.road.listening > 0);
}

test("a gateway that goes away sends its subscribers elsewhere", async () => {
  const { challenge } = await challenged();
  const code = await login.code(challenge);
  const closed = [];
  const follow = { retryAttempts: 5, retryWait: () => sleep(100) };
  // A load balancer that knows who is ready: the second attempt goes to the other gateway.
  let attempt = 0;
  const url = () => `${((attempt += 1) === 1 ? there : here).url.replace("http", "ws")}/graphql`;
  const byWebSocket = subscriber(webSocket, firm.login, { ...follow, url, on: { closed: ({ code }) => closed.push(code) } });
  const told = byWebSocket.subscribe(CHALLENGE, { id: challenge.id });
  const streamed = subscriber(events).subscribe(CHALLENGE, { id: challenge.id });
  await told.until("the present state", ({ last }) => last);
  await streamed.until("the present state", ({ last }) => last);
  const since = performance.now();
  assert.equal(await there.stop(), 0);
  assert.ok(performance.now() - since < 10_000, "nobody holds it up");
  await streamed.until("not complete, but broken off", ({ error, done }) => error && !done);
  await login.verify(challenge, code);
  await told.until("told by the other", ({ last, done }) => last.status === "VERIFIED" && done);
  assert.equal(closed[0], 1001);
});
