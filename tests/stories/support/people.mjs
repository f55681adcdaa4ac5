// People with factors, each with a number of their own: sends are limited per destination.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

let next = 2_000_000 + (process.pid % 1000) * 1000;

/** A valid number of the United States that no other test uses. */
export function number() {
  next += 1;
  return `+1415${next}`;
}

/** A client who has confirmed a mobile. */
export async function enrolled(api, externalId, more = {}) {
  await api.upsert(externalId, more);
  const { factor, challenge, userErrors } = await api.enrollPhone(externalId, number());
  assert.deepEqual(userErrors, []);
  const confirmed = await api.confirm(factor, await api.code(challenge));
  assert.deepEqual(confirmed.userErrors, []);
  assert.equal(confirmed.factor.status, "ACTIVE");
  return factor;
}

/** A client who enrolled a mobile within a login from there, so that the history begins with it; what confirming said. */
export async function settled(api, externalId, from, { kind = "EXTERNAL", ...confirming } = {}) {
  await api.upsert(externalId, { kind });
  const login = await api.evaluate(externalId, from);
  assert.equal(login.outcome, "ENROLL");
  const { factor, challenge, userErrors } = await api.enrollPhone(externalId, number(), { loginId: login.id });
  assert.deepEqual(userErrors, []);
  const confirmed = await api.confirm(factor, await api.code(challenge), { loginId: login.id, ...confirming });
  assert.deepEqual([confirmed.userErrors, confirmed.login.completedWith], [[], "ENROLLED"]);
  return confirmed;
}

/** Proves the login's preferred method with the code that was sent; what verifying said. */
export async function proved(api, login, more = {}) {
  const { challenge } = await api.start(login, login.methods[0]);
  const done = await api.verify(challenge, await api.code(challenge), more);
  assert.deepEqual(done.userErrors, []);
  return done;
}

/** A login that this client completed by a text: a verified one. */
export async function verified(api, externalId, more = {}) {
  const done = await proved(api, await api.evaluate(externalId, more));
  return done.login;
}

/** RFC 6238, from the secret of an otpauth URI: an independent oracle. */
export function totp(uri, at = Date.now()) {
  const secret = new URL(uri).searchParams.get("secret");
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
