// A login: completed at most once, and then for good; no more wrong tries are compared than it has.

import { before, done, groups, perhaps, remaining, said, unknown, violation } from "./facts.mjs";

const TRIES = 5;
const wrong = said("WRONG_CODE");
const completes = (call) => call.name !== "confirmFactor";

function perLogin(facts, look) {
  return [...groups(facts.proofs, ({ login }) => login)].flatMap(([id, calls]) => look(id, calls));
}

/** One success is given out, to whomever. */
export function completedOnce(facts) {
  return perLogin(facts, (id, calls) => {
    const given = calls.filter((call) => completes(call) && done(call));
    return given.length > 1 ? [violation(`${id} was completed ${given.length} times`, given)] : [];
  });
}

/** Each factor is confirmed once. */
export function confirmedOnce(facts) {
  return [...groups(facts.of("confirmFactor"), ({ factor }) => factor)].flatMap(([id, calls]) => {
    const given = calls.filter(done);
    return given.length > 1 ? [violation(`${id} was confirmed ${given.length} times`, given)] : [];
  });
}

/** Of one login at most its budget of wrong tries is ever compared. */
export function budgetHolds(facts) {
  return perLogin(facts, (id, calls) => {
    const guesses = calls.filter(wrong);
    return guesses.length > TRIES ? [violation(`${guesses.length} wrong codes of ${id} were compared`, guesses)] : [];
  });
}

/** Each wrong try takes one from what remains: no two leave the same, none is given back. */
export function triesAreCounted(facts) {
  return perLogin(facts, (id, calls) => {
    const guesses = calls.filter((call) => wrong(call) && remaining(call) !== undefined);
    const left = guesses.map(remaining);
    if (new Set(left).size < left.length) return [violation(`wrong tries of ${id} left ${left}`, guesses)];
    return guesses.flatMap((guess) => {
      const counted = guesses.filter((other) => before(other, guess)).length;
      const possible = calls.filter((other) => other.begun < guess.ended && (wrong(other) || unknown(other) || said("USER_LOCKED")(other))).length;
      const used = TRIES - remaining(guess);
      if (used > counted && used <= possible) return [];
      return [violation(`${used} tries of ${id} were used after ${counted} to ${possible}`, calls)];
    });
  });
}

/** Once the tries are used up nothing is compared any more, the right code included. */
export function exhaustedStays(facts) {
  return perLogin(facts, (id, calls) => {
    const over = calls.find(said("TOO_MANY_ATTEMPTS"));
    const used = calls.filter(wrong);
    const late = calls.filter((call) => (done(call) || wrong(call)) && call.name !== "skipEnrollment"
      && ((over && before(over, call)) || used.filter((guess) => before(guess, call)).length >= TRIES));
    return late.length ? [violation(`${id} was used after its tries were`, calls)] : [];
  });
}

/** TOO_MANY_ATTEMPTS is told only where so many may have been made. */
export function notExhaustedEarly(facts) {
  return perLogin(facts, (id, calls) => calls.filter(said("TOO_MANY_ATTEMPTS")).flatMap((refused) => {
    const made = calls.filter((call) => call.begun < refused.ended && (wrong(call) || unknown(call) || said("USER_LOCKED")(call))).length;
    return made < TRIES ? [violation(`${id} was exhausted after at most ${made} tries`, calls)] : [];
  }));
}

/** Who gives the code that was sent is not told that it is wrong. */
export function rightCodesAreRight(facts) {
  const given = facts.proofs.filter((call) => call.kind === "CODE" && call.guess === "right" && wrong(call));
  return given.map((call) => violation(`the code that was sent for ${call.challenge} was called wrong`,
    [...facts.proofs.filter(({ challenge }) => challenge === call.challenge)]));
}

/** What was answered as complete is complete, and what was never proved is not. */
export function completionStays(facts) {
  const finals = new Map(facts.logins.map((login) => [login.id, login]));
  return perLogin(facts, (id, calls) => {
    const final = finals.get(id);
    const given = calls.filter((call) => call.outcome === "done" && (completes(call) || call.payload.login?.completedAt));
    if (!final) return [violation(`${id} is missing`, calls)];
    if (given.length && !final.completedAt) return [violation(`${id} was complete and is not`, calls)];
    if (final.completedAt && final.outcome !== "ALLOW" && !calls.some(perhaps)) return [violation(`${id} is complete, and nobody proved anything`, calls)];
    const [first] = given.filter(completes);
    if (first && final.completedWith !== first.payload.login.completedWith) return [violation(`${id} was completed with ${first.payload.login.completedWith} and is with ${final.completedWith}`, calls)];
    return [];
  });
}

/** ALREADY_COMPLETED is told only of what may be complete; and of what is, nothing is compared. */
export function completedIsTold(facts) {
  return perLogin(facts, (id, calls) => calls.flatMap((call) => {
    const told = said("ALREADY_COMPLETED")(call) && call.name !== "confirmFactor";
    const possible = calls.some((other) => other !== call && perhaps(other) && other.begun < call.ended);
    if (told && !possible) return [violation(`${id} was called complete, and nobody completed it`, calls)];
    const after = calls.find((other) => completes(other) && done(other) && before(other, call));
    return after && wrong(call) && call.name === "verifyChallenge" ? [violation(`a code was compared after ${id} was complete`, [after, call])] : [];
  }));
}

/** Every login that was answered is there; and none is there that nobody asked for. */
export function loginsAreThere(facts) {
  const asked = groups(facts.of("evaluateLogin"), ({ user }) => user);
  return facts.tenants.flatMap(({ tenant, logins }) => {
    const mine = groups(logins, ({ user }) => `${tenant.id}/${user.externalId}`);
    return [...asked].filter(([user]) => user.startsWith(tenant.id)).flatMap(([user, calls]) => {
      const there = mine.get(user) ?? [];
      const missing = calls.filter((call) => done(call) && !there.some(({ id }) => id === call.payload.login.id));
      const keys = new Set(calls.filter(perhaps).map(({ idempotencyKey }) => idempotencyKey)).size;
      return [
        ...missing.map((call) => violation(`${call.payload.login.id} was answered and is missing`, [call])),
        ...(there.length > keys ? [violation(`${user} has ${there.length} logins of ${keys} that were asked for`, calls)] : []),
      ];
    });
  });
}

/** The same key, the same login. */
export function keysAreKept(facts) {
  const keyed = groups(facts.of("evaluateLogin").filter(done), ({ user, idempotencyKey }) => idempotencyKey && `${user} ${idempotencyKey}`);
  return [...keyed].flatMap(([key, calls]) => {
    const ids = new Set(calls.map(({ payload }) => payload.login.id));
    return ids.size > 1 ? [violation(`one key (${key}), ${ids.size} logins`, calls)] : [];
  });
}
