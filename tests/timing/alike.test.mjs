// What somebody must not be told is told neither by words nor by the work that is done: in whatever state a
// login is, a right code is answered as a wrong one; at the console's door, whoever there is as nobody.
// How long it takes is measured by `make timing`; nothing here is timed.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { totp } from "../stories/support/people.mjs";
import { Field, RETURN_URL, visit } from "../races/support/field.mjs";
import { STATES, answered, wrongOf } from "./support/states.mjs";
import { Wire } from "./support/wire.mjs";

const PASSWORD = "amber lantern over the moat";
/** So many ticks of a process's time are told apart from none (proc(5): hundredths of a second). */
const SOME_TICKS = 3;

let field, wire, replica;
before(async () => {
  field = await Field.start(1);
  [replica] = field.replicas;
  wire = new Wire(field.installation.gateways[0].road);
});
after(() => field?.stop());

const post = (place, body) => visit(`${replica.url}${place}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** All of an answer but what differs by itself. */
async function whole(response) {
  const headers = [...response.headers].filter(([name]) => !["date", "x-request-id"].includes(name));
  // Pages carry a nonce of their own.
  const text = (await response.text()).replaceAll(/nonce[-="]+[\w+/=-]+/g, "");
  return { status: response.status, headers: headers.map(([name, value]) => [name, value.replaceAll(/nonce-[\w+/=-]+/g, "")]), text };
}

/** The hundredths of a second that the server has worked. */
async function worked() {
  const fields = (await readFile(`/proc/${field.installation.gateways[0].child.pid}/stat`, "utf8")).split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

for (const [name, make] of Object.entries(STATES)) {
  test(`${name}: a right code is answered as a wrong one, and asks as much of the database`, async () => {
    const target = await make(replica);
    const [right, wrong] = [await answered(replica, target, target.code), await answered(replica, target, wrongOf(target.code))];
    assert.ok(right.refused, JSON.stringify(right.body));
    assert.deepEqual(right, wrong);
    const work = (code) => wire.least(() => answered(replica, target, code));
    const [of, ofWrong] = [await work(target.code), await work(wrongOf(target.code))];
    assert.ok(of[0] > 0, "it is asked at all");
    assert.deepEqual(of, ofWrong, "round trips, statements");
  });
}

/** Whoever is invited; with a session's end where they accept. */
async function invited(email, accepts) {
  const isOne = ({ purpose }) => purpose === "ADMIN_INVITATION";
  const last = await replica.login.inbox(isOne, 0);
  await replica.partner.must("inviteAdmin", { email, role: "AUDITOR" }, "admin { id }");
  const { sandboxBody } = await replica.login.inbox((message) => isOne(message) && message.id !== last?.id);
  const [, token] = /\/invitation#(\S+)/.exec(sandboxBody);
  if (!accepts) return token;
  const { methodId, secret } = await (await post("/auth/accept-invitation", { token, password: PASSWORD, displayName: "Nora" })).json();
  assert.equal((await post("/auth/second-factor", { methodId, code: totp(`otpauth://totp/x?secret=${secret}`) })).status, 200);
  return token;
}

test("at the console's door a wrong password is answered as a name that nobody has", async () => {
  const tokens = { used: await invited("known@firm.example", true), open: await invited("invited@firm.example", false) };
  const attempt = (email, password = "not the password at all") => post("/auth/password", { email, password });
  const unknown = await whole(await attempt("nobody@firm.example"));
  assert.equal(unknown.status, 401);
  for (const email of ["known@firm.example", "invited@firm.example", "not an address"]) assert.deepEqual(await whole(await attempt(email)), unknown, email);
  // Tried too often, known or not, and right or not.
  for (const email of ["known@firm.example", "nobody@firm.example"]) {
    for (let time = 0; time < 12; time += 1) assert.deepEqual(await whole(await attempt(email)), unknown);
  }
  assert.deepEqual(await whole(await attempt("known@firm.example", PASSWORD)), unknown, "a spent budget tells no right password");

  const forgotten = (email) => post("/auth/forgotten", { email }).then(whole);
  assert.deepEqual(await forgotten("known@firm.example"), await forgotten("nobody@firm.example"));
  const accept = (token) => post("/auth/accept-invitation", { token, password: PASSWORD }).then(whole);
  const nobodys = tokens.used.replace(/.{8}$/, "AAAAAAAA");
  assert.deepEqual(await accept(tokens.used), await accept(nobodys), "an invitation that was used is none");
});

test("as much is hashed for a name that nobody has as for one that somebody has", async () => {
  await invited("hashed@firm.example", true);
  const ticks = async (email) => {
    const before = await worked();
    for (let time = 0; time < 4; time += 1) assert.equal((await post("/auth/password", { email, password: "not it, not at all" })).status, 401);
    return (await worked()) - before;
  };
  const [known, unknown] = [await ticks("hashed@firm.example"), await ticks("unheard-of@firm.example")];
  assert.ok(known >= SOME_TICKS, `${known}: hashing is seen`);
  assert.ok(unknown > known / 2 && known > unknown / 2, `${known} and ${unknown} hundredths of a second`);
});

test("a link that was used, one that is over, and one that never was are answered alike", async () => {
  const { login: api, desk } = replica;
  const link = async (externalId, more = {}) => {
    await api.upsert(externalId, { email: `${externalId}@client.example` });
    const last = await api.inbox(({ purpose }) => purpose === "ONE_TIME_LINK", 0);
    await desk.must("sendOneTimeLink", { user: { externalId }, returnUrl: RETURN_URL, ...more }, "message { id }");
    const mail = await api.inbox(({ purpose, id }) => purpose === "ONE_TIME_LINK" && id !== last?.id);
    return Field.at(replica, /http:\/\/localhost:8080\/link\/[^\s"<]+/.exec(mail.sandboxBody)[0]);
  };
  const [used, over] = [await link("used"), await link("over", { validForSeconds: 60 })];
  const press = (url) => visit(url, { method: "POST", redirect: "manual" });
  assert.equal((await press(used)).status, 303);
  await desk.advance(61);
  const never = used.replace(/.{8}$/, "AAAAAAAA");
  const [one, ...others] = await Promise.all([never, used, over].map(async (url) => whole(await press(url))));
  assert.equal(one.status, 410);
  for (const other of others) assert.deepEqual(other, one);
});
