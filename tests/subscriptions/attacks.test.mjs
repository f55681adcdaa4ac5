// What the protocol forbids, what limits hold, and what another site's page can do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Api } from "../stories/support/api.mjs";
import { totp } from "../stories/support/people.mjs";
import { startPostern } from "../node/server.mjs";
import { ANSWERED, CHALLENGE, REQUESTED, Raw, SUBPROTOCOL, bearer, events, webSocket } from "./support.mjs";

const LIMITS = {
  POSTERN_SUBSCRIPTIONS__PER_CREDENTIAL: "60",
  POSTERN_SUBSCRIPTIONS__SEND_WITHIN_SECONDS: "2",
  POSTERN_SUBSCRIPTIONS__PING_SECONDS: "1",
};

let postern, url, key, desk, api;

before(async () => {
  Object.assign(process.env, LIMITS);
  postern = await startPostern();
  url = postern.facts.url;
  const tenant = postern.facts.tenants.find(({ environment }) => environment === "SANDBOX");
  [key, desk] = [tenant.apiKey, tenant.supportApiKey];
  api = new Api(postern.facts.graphql, key);
});
after(() => postern?.stop());

test("only the one subprotocol is spoken", async () => {
  const raw = new Raw(url, { protocol: null });
  assert.equal(await raw.end(), 4406);
  const old = new Raw(url, { protocol: "graphql-ws" });
  await sleep(500);
  assert.ok(old.failure || old.closed, "the client itself gives up: nothing was selected");
});

test("a plain GET is refused as ever", async () => {
  const response = await fetch(`${url}/graphql?query={__typename}`, { headers: bearer(key) });
  assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
});

test("who does not say who it is has five seconds", async () => {
  const raw = await Raw.open(url);
  const since = performance.now();
  assert.equal(await raw.end(15_000), 4408);
  assert.ok(performance.now() - since > 4_000);
});

test("nothing is subscribed to before it is known who asks", async () => {
  const raw = await Raw.open(url);
  raw.subscribe("1", REQUESTED);
  assert.equal(await raw.end(), 4401);
});

test("a key that is none opens nothing, and an address or a header of the handshake holds none", async () => {
  const attempts = [
    [bearer("pk_nonsense"), {}],
    [{}, {}],
    [undefined, {}],
    [{ authorization: 1 }, {}],
    [{}, { path: `/graphql?authorization=Bearer%20${key}&access_token=${key}` }],
    [{}, { headers: bearer(key) }],
  ];
  for (const [payload, options] of attempts) {
    const raw = await Raw.open(url, options);
    raw.say({ type: "connection_init", payload });
    assert.ok([4401, 4400].includes(await raw.end()), JSON.stringify(payload));
    assert.deepEqual(raw.messages, []);
  }
});

test("what the protocol does not know closes the connection", async () => {
  const bad = ["", "{", "[]", '{"type":"start"}', '{"type":"subscribe","id":"1"}', Buffer.from([1, 2, 3])];
  for (const message of bad) {
    const raw = await Raw.admitted(url, bearer(key));
    raw.say(message);
    assert.equal(await raw.end(), 4400, String(message));
  }
  const twice = await Raw.admitted(url, bearer(key));
  twice.say({ type: "connection_init", payload: bearer(key) });
  assert.equal(await twice.end(), 4429);
  const taken = await Raw.admitted(url, bearer(desk));
  taken.subscribe("1", REQUESTED);
  taken.subscribe("1", REQUESTED);
  assert.equal(await taken.end(), 4409);
  const deep = await Raw.admitted(url, bearer(key));
  deep.say(`{"type":"ping","payload":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`);
  assert.equal(await deep.end(), 4400);
});

test("a message too long, or too many, close it", async () => {
  const long = await Raw.admitted(url, bearer(key));
  long.say({ type: "ping", payload: { a: "x".repeat(70_000) } });
  assert.ok([1009, 1006].includes(await long.end()));
  const flood = await Raw.admitted(url, bearer(key));
  for (let count = 0; count < 2_000; count += 1) flood.say({ type: "ping" });
  assert.ok([1008, 1006].includes(await flood.end()));
});

/** Fields within fields, and what is asked for within. */
const nested = (open, times, within) => `${open.repeat(times)} ${within} ${"}".repeat(times * (open.split("{").length - 1))}`;

test("queries and mutations, what is not valid and what costs too much are refused, and the connection stays", async () => {
  const raw = await Raw.admitted(url, bearer(desk));
  const refused = {
    query: ["{ __typename }", "BAD_REQUEST"],
    mutation: ["mutation { verifyChallenge(input: {challengeId: \"x\"}) { challenge { id } } }", "BAD_REQUEST"],
    unknown: ["subscription { nothing }", "BAD_REQUEST"],
    syntax: ["subscription {", "BAD_REQUEST"],
    two: ["subscription { temporaryAccessRequested { id } challengeUpdated(id: \"x\") { id } }", "NOT_FOUND BAD_REQUEST"],
    costly: [`subscription { temporaryAccessRequested { user { ${nested("logins(first: 100) { edges { node { user {", 2, "id")} } } }`, "QUERY_TOO_COMPLEX"],
  };
  for (const [id, [query, codes]] of Object.entries(refused)) {
    raw.subscribe(id, query);
    await raw.until(id, () => raw.of(id).some(({ type }) => type === "error"));
    const [{ payload }] = raw.of(id);
    assert.ok(codes.split(" ").includes(payload[0].extensions.code), `${id}: ${JSON.stringify(payload)}`);
  }
  raw.say({ type: "ping", payload: { still: "there" } });
  await raw.until("a pong", () => raw.messages.some(({ type, payload }) => type === "pong" && payload.still === "there"));
  raw.socket.close();
});

test("a subscription that was completed tells nothing more, and its name is free again", async () => {
  const raw = await Raw.admitted(url, bearer(desk));
  raw.subscribe("1", REQUESTED);
  raw.say({ type: "complete", id: "1" });
  raw.subscribe("1", ANSWERED, { id: "nonsense" });
  await raw.until("refused", () => raw.of("1").some(({ type }) => type === "error"));
  raw.say({ type: "complete", id: "unknown" });
  assert.equal(raw.closed, null);
  raw.socket.close();
});

test("one connection carries fifty subscriptions, one key sixty connections", async () => {
  const raw = await Raw.admitted(url, bearer(desk));
  for (let id = 0; id < 51; id += 1) raw.subscribe(`s${id}`, REQUESTED);
  await raw.until("the last one is refused", () => raw.messages.some(({ type }) => type === "error"));
  const errors = raw.messages.filter(({ type }) => type === "error");
  assert.deepEqual(errors.map(({ id, payload }) => [id, payload[0].extensions.code]), [["s50", "RATE_LIMITED"]]);
  raw.socket.close();
  await raw.end();

  await sleep(500);
  const held = await Promise.all(Array.from({ length: 60 }, () => Raw.admitted(url, bearer(desk))));
  const late = await Raw.open(url);
  late.say({ type: "connection_init", payload: bearer(desk) });
  assert.equal(await late.end(), 1013);
  const streamed = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { ...bearer(desk), accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify({ query: REQUESTED }),
  });
  assert.equal(streamed.status, 429, "events count too");
  const another = await Raw.admitted(url, bearer(key));
  [another, ...held].forEach(({ socket }) => socket.close());
});

test("who says nothing is asked, and left when it does not answer", async () => {
  const silent = await Raw.admitted(url, bearer(key), { autoPong: false });
  assert.equal(await silent.end(15_000), 1006);
  const alive = await Raw.admitted(url, bearer(key));
  await sleep(4_000);
  assert.equal(alive.closed, null);
  alive.socket.close();
});

/** The server's memory, in megabytes. */
async function memory() {
  const status = await readFile(`/proc/${postern.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) / 1024;
}

test("clients that take nothing are left, and cost no memory", { skip: process.platform !== "linux" }, async () => {
  const before = await memory();
  const streams = Array.from({ length: 40 }, () => stuck());
  const sockets = await Promise.all(Array.from({ length: 15 }, () => Raw.admitted(url, bearer(key))));
  for (const { socket } of sockets) socket.pause();
  // Each is asked and told all the time: pongs with a payload, which it does not take.
  const end = performance.now() + 8_000;
  while (performance.now() < end) {
    for (const raw of sockets) if (raw.socket.readyState === 1) for (let n = 0; n < 40; n += 1) raw.say({ type: "ping", payload: { a: "x".repeat(30_000) } });
    await sleep(500);
  }
  const grown = (await memory()) - before;
  assert.ok(grown < 60, `${Math.round(grown)} MB more`);
  sockets.forEach(({ socket }) => socket.terminate());
  streams.forEach((socket) => socket.destroy());
  await sleep(500);
  const fresh = await Promise.all(Array.from({ length: 50 }, () => Raw.admitted(url, bearer(key))));
  fresh.forEach(({ socket }) => socket.close());
});

/** A client of server-sent events that reads nothing. */
function stuck() {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query: "subscription { temporaryAccessRequested { id } }" });
  const socket = connect({ host: hostname, port: Number(port) });
  socket.pause();
  socket.on("error", () => {});
  socket.write(`POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${desk}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  return socket;
}

test("events: a document that does not hold has a status, a query is answered once", async () => {
  const ask = (query, headers = {}) =>
    fetch(`${url}/graphql`, {
      method: "POST",
      headers: { ...bearer(key), accept: "text/event-stream", "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
  for (const query of ["subscription {", "subscription { nothing }", "{ nothing }"]) assert.equal((await ask(query)).status, 400, query);
  const forbidden = await ask(REQUESTED);
  assert.equal(forbidden.status, 200);
  assert.match(await forbidden.text(), /^event: next\ndata: .*"FORBIDDEN".*\n\nevent: complete\ndata:\n\n$/, "a key with LOGIN does not answer requests");
  assert.equal((await ask(REQUESTED, { authorization: "Bearer pk_x" })).status, 401);
  assert.equal((await ask(REQUESTED, { "content-type": "text/plain" })).status, 415);
  const once = await ask("{ __typename }");
  assert.match(once.headers.get("content-type"), /^text\/event-stream/);
  assert.equal(await once.text(), 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n');
});

test("without an accepted way a subscription is refused", async () => {
  const { body } = await api.raw("subscription { temporaryAccessRequested { id } }");
  assert.equal(body.errors[0].extensions.code, "BAD_REQUEST");
});

// ---- the console's session

/** A cookie of the console's; the first code of an app may have been used already. */
async function signIn() {
  const { email, password, totpSecret } = postern.facts.admin;
  const post = (path, body, cookie) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-postern-csrf": "1", ...(cookie && { cookie }) },
      body: JSON.stringify(body),
    });
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const first = await post("/auth/password", { email, password });
    const half = first.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
    const { methods } = await first.json();
    const method = methods.find(({ channel }) => channel === "TOTP") ?? methods[0];
    const code = totp(`otpauth://totp/x?secret=${totpSecret}`);
    const second = await post("/auth/second-factor", { methodId: method.id, code }, half);
    if (second.ok) return second.headers.getSetCookie().map((one) => one.split(";")[0]).find((one) => one.startsWith("__Host-postern="));
    await sleep(1_000);
  }
  throw new Error("nobody could sign in");
}

test("a session is heard from the installation's own page alone, and ends with it", async () => {
  const cookie = await signIn();
  const own = new URL(postern.facts.url).origin;
  const payload = { "X-Postern-Tenant": postern.facts.tenants[0].id };
  for (const origin of ["https://evil.example", "null", own.replace("http:", "https:"), `${own}.evil.example`, undefined]) {
    const raw = await Raw.open(url, { origin, headers: { cookie } });
    raw.say({ type: "connection_init", payload });
    assert.equal(await raw.end(), 4403, String(origin));
  }
  const raw = await Raw.admitted(url, payload, { origin: own, headers: { cookie } });
  raw.subscribe("1", REQUESTED);
  await sleep(1_500);
  assert.equal(raw.closed, null);

  const other = await Raw.open(url, { origin: own, headers: { cookie } });
  other.say({ type: "connection_init", payload: { "x-postern-tenant": "tenant_00000000000000000000000000" } });
  assert.equal(await other.end(), 4403);

  const signedOut = performance.now();
  const headers = { cookie, "x-postern-csrf": "1", "content-type": "application/json" };
  const answer = await fetch(`${url}/auth/sign-out`, { method: "POST", headers, body: "{}" });
  assert.equal(answer.status, 200);
  assert.equal(await raw.end(), 4401);
  assert.ok(performance.now() - signedOut < 1_500, `${Math.round(performance.now() - signedOut)} ms`);
});
