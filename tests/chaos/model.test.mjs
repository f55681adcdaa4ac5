// The model itself: of small histories, written by hand, it finds what is wrong in each and nothing in those that are
// right. `make chaos-faults` shows the same with a broken server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { understood } from "./src/client.mjs";
import { Facts } from "./src/model/facts.mjs";
import { INVARIANTS, judge, toBeTold } from "./src/model/index.mjs";
import { codeIn, signature } from "./src/provider.mjs";
import { summary } from "./src/results.mjs";
import { totp } from "./src/totp.mjs";
import { isUndecided, smallest } from "./src/words.mjs";

const TENANT = "tenant_1";
const USER = `${TENANT}/ann`;
let clock = 0;
const seenBroken = new Set();

/** A call that began when the last one was over, unless it says otherwise. */
function call(name, outcome, about = {}) {
  const [word, ...codes] = outcome.split(" ");
  clock += 10;
  return { name, outcome: word, codes, tenant: TENANT, user: USER, begun: clock, ended: clock + 5, gateway: "a", ...about };
}

const login = (id, more = {}) => ({ login: { id, reasons: [], policyVersion: 2, completedWith: "SMS", ...more } });
const left = (attemptsRemaining) => ({ challenge: { id: "challenge_1", attemptsRemaining } });
const verify = (outcome, more = {}) => call("verifyChallenge", outcome, { login: "login_1", challenge: "challenge_1", kind: "CODE", guess: "wrong", ...more });
const right = (outcome, more = {}) => verify(outcome, { guess: "right", payload: login("login_1"), ...more });
const message = (more = {}) => ({ id: "message_1", channel: "SMS", purpose: "CODE", status: "DELIVERED", timeline: [{ status: "SENDING" }, { status: "ACCEPTED" }, { status: "DELIVERED" }], ...more });
const text = (more = {}) => ({ at: (clock += 10), tenant: TENANT, message: "message_1", attempt: 1, to: "+14155550100", channel: "SMS", code: "123456", way: "ok", took: true, status: 202, ...more });
const charged = (units, amount = (units * 0.0079).toFixed(4)) => ({ usage: units ? [{ channel: "SMS", units, amount: { amount } }] : [], spent: amount });

function final(more = {}) {
  return {
    tenant: { id: TENANT, name: "live", environment: "LIVE" }, messages: [], users: [{ externalId: "ann", factors: [] }], auditLog: [],
    logins: [{ id: "login_1", outcome: "CHALLENGE", completedAt: "2026-01-01", completedWith: "SMS", user: { externalId: "ann" } }],
    policyVersions: [{ version: 2, comment: "p" }, { version: 1 }], last: { version: 2 }, hooks: [], unheard: [], proof: { said: null, lines: [] },
    ...charged(0), ...more,
  };
}

const evaluate = (more = {}) => call("evaluateLogin", "done", { idempotencyKey: "k1", payload: login("login_1"), ...more });

/** The invariants that this history breaks, by name. */
function broken({ calls = [], texts = [], ...seen }, last = {}) {
  const facts = new Facts({ calls, texts, ...seen, tenants: [final(last)] });
  const names = [...new Set(judge(facts).map(({ invariant }) => invariant))].sort();
  for (const name of names) seenBroken.add(name);
  return names;
}

const open = { logins: [{ id: "login_1", outcome: "CHALLENGE", completedAt: null, user: { externalId: "ann" } }] };

test("a right history breaks nothing", () => {
  const payload = { challenge: { id: "challenge_1", message: { id: "message_1" }, messages: [{ id: "message_1" }] } };
  const calls = [
    call("upsertUser", "done"), evaluate(), call("startChallenge", "done", { login: "login_1", channel: "SMS", payload }),
    verify("refused WRONG_CODE", { payload: left(4) }), right("done"), right("refused ALREADY_COMPLETED"),
  ];
  const report = { tenant: TENANT, message: "message_1", said: "delivered", noted: 1 };
  assert.deepEqual(broken({ calls, texts: [text()], reports: [report] }, { messages: [message()], ...charged(1) }), []);
});

test("a login that is completed twice", () => {
  assert.deepEqual(broken({ calls: [evaluate(), right("done"), right("done")] }), ["login.completedOnce"]);
});

test("what was not answered may have happened, or not", () => {
  for (const last of [{}, open]) assert.deepEqual(broken({ calls: [evaluate(), right("unknown")] }, last), []);
  assert.deepEqual(broken({ calls: [evaluate(), right("unknown"), right("refused ALREADY_COMPLETED")] }), []);
  assert.deepEqual(broken({ calls: [evaluate(), right("refused ALREADY_COMPLETED")] }, open), ["login.completedIsTold"]);
});

test("a completion that is lost, and one that nobody made", () => {
  assert.deepEqual(broken({ calls: [evaluate(), right("done")] }, open), ["login.completionStays"]);
  assert.deepEqual(broken({ calls: [evaluate(), verify("refused EXPIRED")] }), ["login.completionStays"]);
});

test("a login that was answered and is gone; one that nobody asked for", () => {
  assert.deepEqual(broken({ calls: [evaluate()] }, { logins: [] }), ["login.loginsAreThere"]);
  const two = [...open.logins, { id: "login_2", outcome: "CHALLENGE", user: { externalId: "ann" } }];
  assert.deepEqual(broken({ calls: [evaluate()] }, { logins: two }), ["login.loginsAreThere"]);
  assert.deepEqual(broken({ calls: [evaluate(), call("evaluateLogin", "unknown", { idempotencyKey: "k2" })] }, { logins: two }), []);
});

test("one key, two logins", () => {
  const two = [...open.logins, { id: "login_2", outcome: "CHALLENGE", user: { externalId: "ann" } }];
  assert.deepEqual(broken({ calls: [evaluate(), evaluate({ payload: login("login_2") })] }, { logins: two }), ["login.keysAreKept", "login.loginsAreThere"]);
});

test("a sixth try", () => {
  const calls = [evaluate(), ...[4, 3, 2, 1, 0, 0].map((remaining) => verify("refused WRONG_CODE", { payload: left(remaining) }))];
  assert.deepEqual(broken({ calls }, open), ["login.budgetHolds", "login.exhaustedStays", "login.triesAreCounted"]);
});

test("a try that was given back", () => {
  const calls = [evaluate(), ...[4, 4].map((remaining) => verify("refused WRONG_CODE", { payload: left(remaining) }))];
  assert.deepEqual(broken({ calls }, open), ["login.triesAreCounted"]);
  const skipped = [evaluate(), verify("refused WRONG_CODE", { payload: left(2) })];
  assert.deepEqual(broken({ calls: skipped }, open), ["login.triesAreCounted"], "two were counted that nobody made");
  const lost = [evaluate(), verify("unknown"), verify("refused WRONG_CODE", { payload: left(3) })];
  assert.deepEqual(broken({ calls: lost }, open), []);
});

test("an exhausted login that goes on, and one that is exhausted early", () => {
  const calls = [evaluate(), ...[4, 3, 2, 1, 0].map((remaining) => verify("refused WRONG_CODE", { payload: left(remaining) }))];
  assert.deepEqual(broken({ calls: [...calls, right("refused TOO_MANY_ATTEMPTS")] }, open), []);
  assert.deepEqual(broken({ calls: [...calls, right("done")] }), ["login.exhaustedStays"]);
  assert.deepEqual(broken({ calls: [evaluate(), right("refused TOO_MANY_ATTEMPTS")] }, open), ["login.notExhaustedEarly"]);
});

test("the code that was sent is called wrong", () => {
  assert.deepEqual(broken({ calls: [evaluate(), right("refused WRONG_CODE", { payload: left(4) })] }, open), ["login.rightCodesAreRight"]);
});

test("a temporary code, a backup code and a step of the app work once", () => {
  const logins = [1, 2].map((number) => ({ id: `login_${number}`, outcome: "CHALLENGE", completedAt: "x", completedWith: "SMS", user: { externalId: "ann" } }));
  for (const kind of ["TEMPORARY_ACCESS_CODE", "BACKUP_CODE", "TOTP"]) {
    const about = { kind, proof: `${kind}:${USER}:abc`, ...(kind === "TOTP" && { step: 5, factor: "factor_1" }) };
    const calls = [evaluate(), evaluate({ idempotencyKey: "k2", payload: login("login_2") }), right("done", about), right("done", { ...about, login: "login_2", payload: login("login_2") })];
    assert.ok(broken({ calls }, { logins }).includes("user.usedOnce"), kind);
  }
});

test("a backup code that nobody used is called wrong", () => {
  const about = { kind: "BACKUP_CODE", proof: `BACKUP_CODE:${USER}:abc`, payload: left(4) };
  assert.deepEqual(broken({ calls: [evaluate(), right("refused WRONG_CODE", about)] }, open), ["user.unusedIsRight"]);
  assert.deepEqual(broken({ calls: [evaluate(), right("unknown", about), right("refused WRONG_CODE", about)] }, open), []);
});

test("a locked user is let in by nothing, until unlocking may have begun", () => {
  const lock = () => call("lockUser", "done", { payload: { user: { id: "user_1" } } });
  const late = () => evaluate({ idempotencyKey: "k2" });
  assert.deepEqual(broken({ calls: [lock(), late()] }, open), ["user.locksHold"]);
  assert.deepEqual(broken({ calls: [lock(), evaluate({ payload: login("login_1", { reasons: ["USER_LOCKED"] }) })] }, open), []);
  assert.deepEqual(broken({ calls: [lock(), call("unlockUser", "unknown"), late()] }, open), []);
});

test("an eleventh wrong code, in however many logins", () => {
  const logins = [1, 2, 3].map((number) => ({ id: `login_${number}`, outcome: "CHALLENGE", completedAt: null, user: { externalId: "ann" } }));
  const calls = logins.flatMap(({ id }, at) => [
    evaluate({ idempotencyKey: id, payload: login(id) }),
    ...[4, 3, 2, 1].map((remaining) => verify("refused WRONG_CODE", { login: id, payload: left(remaining) })).slice(0, at === 2 ? 3 : 4),
  ]);
  assert.deepEqual(broken({ calls }, { logins }), ["user.guessesLock"]);
  assert.deepEqual(broken({ calls: calls.slice(0, -1) }, { logins }), []);
});

test("a factor that was confirmed is gone, or was confirmed twice", () => {
  const confirm = () => call("confirmFactor", "done", { factor: "factor_1", kind: "CODE", guess: "right", payload: { login: null } });
  const there = { users: [{ externalId: "ann", factors: [{ id: "factor_1", status: "ACTIVE" }] }] };
  assert.deepEqual(broken({ calls: [confirm()] }, there), []);
  assert.deepEqual(broken({ calls: [confirm()] }), ["user.factorsStay"]);
  assert.deepEqual(broken({ calls: [confirm(), confirm()] }, there), ["login.confirmedOnce"]);
});

test("a message that is lost, or never comes to an end", () => {
  const payload = { challenge: { id: "challenge_1", message: { id: "message_1" }, messages: [{ id: "message_1" }] } };
  const calls = () => [call("startChallenge", "done", { channel: "SMS", payload })];
  assert.deepEqual(broken({ calls: calls() }), ["message.noneIsLost"]);
  const stuck = message({ status: "SENDING", timeline: [{ status: "SENDING" }] });
  assert.deepEqual(broken({ calls: calls() }, { messages: [stuck] }), ["message.noneIsLost"]);
});

test("a challenge without the message that carries its code", () => {
  const about = { login: "login_1", payload: { challenge: { id: "challenge_1", message: null, messages: [] } } };
  assert.deepEqual(broken({ calls: [call("startChallenge", "done", { channel: "SMS", ...about })] }), ["message.codesAreSent"]);
  assert.deepEqual(broken({ calls: [call("startChallenge", "done", { channel: "TOTP", ...about })] }), []);
});

test("a message that nobody asked for, and one that is on no record", () => {
  assert.deepEqual(broken({ texts: [text()] }, { messages: [message()], ...charged(1) }), ["message.noneTooMany"]);
  assert.deepEqual(broken({ texts: [text()] }), ["message.nothingUnknownGoesOut"]);
});

const started = () => [call("startChallenge", "unknown", { channel: "SMS" })];

test("what is called delivered was taken, and what is called canceled was not", () => {
  assert.deepEqual(broken({ calls: started() }, { messages: [message()], ...charged(1) }), ["message.statusesAreTrue", "money.chargedForWhatWasTaken"]);
  const canceled = message({ status: "CANCELED", timeline: [] });
  assert.deepEqual(broken({ calls: started(), texts: [text()] }, { messages: [canceled] }), ["message.statusesAreTrue"]);
});

test("a doubled text with another code", () => {
  const texts = [text(), text({ attempt: 2, code: "654321" })];
  assert.deepEqual(broken({ calls: started(), texts }, { messages: [message()], ...charged(1) }), ["message.doubledTextsAgree"]);
});

test("a message that the provider has is on record as being sent", () => {
  const read = (status) => ({ id: "message_1", found: true, status, begun: clock, ended: clock + 1, afterText: text() });
  const last = { messages: [message()], ...charged(1) };
  assert.deepEqual(broken({ calls: started(), texts: [text()], reads: [read("QUEUED")] }, last), ["message.onRecordBeforeItGoesOut"]);
  assert.deepEqual(broken({ calls: started(), texts: [text()], reads: [read("SENDING")] }, last), []);
});

test("a status that goes back, seen by who looks or told by the timeline", () => {
  const read = (status, begun) => ({ id: "challenge_1", found: true, status, begun, ended: begun + 1 });
  assert.deepEqual(broken({ reads: [read("VERIFIED", 1), read("PENDING", 3)] }), ["message.statesGoForward"]);
  assert.deepEqual(broken({ reads: [read("VERIFIED", 1), read("PENDING", 1)] }), [], "asked at the same time");
  const back = message({ timeline: ["SENDING", "DELIVERED", "ACCEPTED"].map((status) => ({ status })) });
  assert.deepEqual(broken({ calls: started(), texts: [text()] }, { messages: [back], ...charged(1) }), ["message.timelinesGoForward"]);
});

test("a charge too many, and one too few", () => {
  for (const units of [0, 2]) {
    assert.deepEqual(broken({ calls: started(), texts: [text()] }, { messages: [message()], ...charged(units) }).includes("money.chargedOnce"), true);
  }
  const report = { tenant: TENANT, message: "message_1", said: "delivered", noted: 1 };
  const forgotten = message({ status: "FAILED", timeline: [{ status: "FAILED" }] });
  assert.deepEqual(broken({ calls: started(), texts: [text({ status: undefined })], reports: [report] }, { messages: [forgotten] }), ["money.chargedForWhatWasTaken"]);
});

test("a sum that is not its parts, a cap that is passed, a cap that is told too early", () => {
  const one = { calls: started(), texts: [text()] };
  assert.deepEqual(broken(one, { messages: [message()], ...charged(1, "0.5000") }), ["money.sumsAgree"]);
  const tenant = { id: TENANT, name: "live", environment: "LIVE", cap: "0.0079" };
  const many = Array.from({ length: 3 }, (_, number) => message({ id: `message_${number}` }));
  const texts = many.map(({ id }) => text({ message: id }));
  const calls = [...started(), ...started(), ...started()];
  assert.deepEqual(broken({ calls, texts }, { tenant, messages: many, ...charged(3) }), ["money.capHolds"]);
  const refused = call("startChallenge", "refused SPENDING_CAP_REACHED", { channel: "SMS" });
  assert.deepEqual(broken({ calls: [refused] }, { tenant: { ...tenant, cap: "1.0000" } }), ["money.capIsNotReachedEarly"]);
});

test("an act that is not on record, and one that was refused and is", () => {
  const row = (marker) => ({ action: "user.locked", detail: { reason: marker } });
  const lock = (outcome) => call("lockUser", outcome, { marker: "m1", payload: { user: { id: "user_1" } } });
  assert.deepEqual(broken({ calls: [lock("done")] }), ["record.actsAreOnRecord"]);
  assert.deepEqual(broken({ calls: [lock("done")] }, { auditLog: [row("m1")] }), []);
  assert.deepEqual(broken({ calls: [lock("unknown")] }, { auditLog: [row("m1")] }), []);
  assert.deepEqual(broken({ calls: [lock("refused NOT_FOUND")] }, { auditLog: [row("m1")] }), ["record.actsAreOnRecord"]);
});

test("a log that does not prove itself, and an export that lacks an entry", () => {
  assert.deepEqual(broken({}, { proof: { said: "EDITED", lines: [] } }), ["record.theLogHolds"]);
  assert.deepEqual(broken({}, { auditLog: [{ action: "x", hash: "abc" }] }), ["record.theLogHolds"]);
});

test("a version that is lost, given twice, or decided by no more", () => {
  const publish = (version, more = {}) => call("publishPolicy", "done", { expected: version - 1, payload: { policy: { version } }, ...more });
  assert.deepEqual(broken({ calls: [publish(3, { marker: "q" })] }, { auditLog: [{ action: "policy.published", detail: { comment: "q" } }] }), ["record.versionsAreKept"]);
  assert.deepEqual(broken({ calls: [publish(2), publish(2)] }), ["record.versionsAreKept", "record.versionsGrow"]);
  assert.deepEqual(broken({}, { last: { version: 1 } }), ["record.decisionsGoForward"]);
});

test("an event that never came, one in two ways, one too many", () => {
  assert.deepEqual(broken({}, { unheard: ["user.locked of user_1"] }), ["record.eventsAreTold"]);
  const event = (id, body) => ({ id, body, type: "policy.published", data: {} });
  assert.deepEqual(broken({ calls: [call("publishPolicy", "unknown")] }, { hooks: [event("1", "a"), event("1", "b")] }), ["record.eventsAreTold"]);
  assert.deepEqual(broken({}, { hooks: [event("1", "a")] }), ["record.nothingElseIsTold"]);
});

test("an answer that says that we are broken, while nobody was killed", () => {
  const calls = [call("startChallenge", "unknown INTERNAL")];
  assert.deepEqual(broken({ calls }), ["answers.nothingOfOursIsBroken"]);
  assert.deepEqual(broken({ calls, faults: [{ kind: "postgres", begun: clock - 50, ended: clock }] }), []);
});

test("what is to be told follows from what was acknowledged", () => {
  const calls = [call("lockUser", "done", { payload: { user: { id: "user_1" } } }), call("lockUser", "unknown")];
  const [wanted, ...others] = toBeTold(calls, TENANT, [message({ status: "FAILED" })]);
  assert.ok(wanted.test({ type: "user.locked", data: { userId: "user_1" } }));
  assert.ok(!wanted.test({ type: "user.locked", data: { userId: "user_2" } }));
  assert.deepEqual(others.map(({ words }) => words), ["message.failed of message_1"]);
});

test("the rarer ones, each by itself", () => {
  const only = (name, seen, last) => assert.deepEqual(broken(seen, last).filter((one) => one === name), [name]);
  only("user.usersAreThere", { calls: [call("upsertUser", "done")] }, { users: [] });
  only("message.reportsAreBelieved", { reports: [{ message: "message_1", disbelieved: true }] });
  const issue = (code) => call("issueTemporaryAccessCode", "done", { payload: { code } });
  only("user.newerCodesRevoke", { calls: [evaluate(), issue("old"), issue("new"), right("done", { kind: "TEMPORARY_ACCESS_CODE", proof: `T:${USER}:old` })] });
  const skip = (number) => call("skipEnrollment", "done", { login: `login_${number}`, payload: login(`login_${number}`) });
  only("user.skipsAreCounted", { calls: [1, 2, 3, 4].map(skip) });
  const step = (number) => right("done", { kind: "TOTP", factor: "factor_1", step: number, proof: `totp:factor_1:${number}` });
  only("user.stepsGoForward", { calls: [evaluate(), step(6), step(5)] });
});

test("answers are understood: done, refused, or nobody knows", () => {
  assert.equal(understood("x", { lost: "ECONNRESET" }).outcome, "unknown");
  assert.equal(understood("x", { errors: [{ extensions: { code: "UNAVAILABLE" } }] }).outcome, "unknown");
  assert.equal(understood("x", { errors: [{ extensions: { code: "RATE_LIMITED" } }] }).outcome, "refused");
  assert.equal(understood("x", { data: { x: { userErrors: [{ code: "CONFLICT" }] } } }).outcome, "refused");
  assert.equal(understood("x", { data: { x: { userErrors: [] } } }).outcome, "done");
  assert.throws(() => understood("x", { errors: [{ extensions: { code: "FORBIDDEN" } }] }), /FORBIDDEN/);
});

test("codes are read from texts and from what a call reads out", () => {
  assert.equal(codeIn("012345 is your Acme code."), "012345");
  assert.equal(codeIn("Your code is 0, 1, 2, 3, 4, 5. Again: 0, 1, 2, 3, 4, 5."), "012345");
  assert.equal(codeIn("nothing"), undefined);
});

test("oracles: RFC 6238's own vector, and a signature of Standard Webhooks", () => {
  assert.equal(totp("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1), "287082");
  const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
  assert.equal(signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("a verdict shows the smallest story of each invariant", () => {
  const shown = smallest([{ invariant: "a", words: "long", story: ["1", "2"] }, { invariant: "a", words: "short", story: ["1"] }]);
  assert.deepEqual(shown.map(({ words, times }) => [words, times]), [["short", 2]]);
});

test("a run that the driver could not play has no verdict, unless something was seen broken", () => {
  const verdict = (...invariants) => ({ violations: invariants.map((invariant) => ({ invariant })) });
  assert.ok(isUndecided(verdict("the driver", "the driver")));
  assert.ok(!isUndecided(verdict("the driver", "money.capHolds")));
  assert.ok(!isUndecided(verdict()));
});

test("the summary counts runs, kills and what was broken", () => {
  const row = (seed, faults, verdict) => ({ seed, commit: "abc", faults, operations: "10", kills: "1", seconds: "6.0", verdict });
  const page = summary([row("1", "gateway 0@5, clock +3 s@9", "held"), row("2", "promote@7", "money.capHolds")]);
  assert.match(page, /runs \| 2 \|/);
  assert.match(page, /standby was promoted \| 1 \|/);
  assert.match(page, /clock stepped \| 1 \|/);
  assert.match(page, /- 2: money.capHolds/);
});

test("every invariant was broken by one of these histories", () => {
  assert.deepEqual(Object.keys(INVARIANTS).filter((name) => !seenBroken.has(name)), []);
});
