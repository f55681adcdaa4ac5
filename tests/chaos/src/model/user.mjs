// A user: what may be used once is used once; locks hold; factors that were confirmed are there.

import { before, done, groups, perhaps, said, violation } from "./facts.mjs";

const LOCKS_AT = 10;
const wrong = said("WRONG_CODE");

/** A backup code, a temporary code, a step of the app: one success each. */
export function usedOnce(facts) {
  return [...groups(facts.proofs, ({ proof }) => proof)].flatMap(([proof, calls]) => {
    const given = calls.filter(done);
    return given.length > 1 ? [violation(`${proof.replace(/[^:]*$/, "…")} was used ${given.length} times`, given)] : [];
  });
}

/** What nobody used is not called wrong. The app goes by a gateway's clock: where that was off, it may be. */
export function unusedIsRight(facts) {
  return facts.proofs.filter((call) => call.proof && call.kind !== "TOTP" && wrong(call)).flatMap((call) => {
    const rivals = facts.proofs.filter((other) => other !== call && other.proof === call.proof && perhaps(other) && other.begun < call.ended);
    const issued = facts.of("issueTemporaryAccessCode", "generateBackupCodes").filter((other) => other.user === call.user && perhaps(other));
    const replaced = issued.length > 1;
    return rivals.length || replaced ? [] : [violation(`a ${call.kind} that nobody used was called wrong`, [call])];
  });
}

/** A step of the app never works after a later one did. */
export function stepsGoForward(facts) {
  return [...groups(facts.proofs.filter((call) => call.step && done(call)), ({ factor }) => factor)].flatMap(([factor, calls]) =>
    calls.filter((call) => calls.some((other) => before(other, call) && other.step >= call.step))
      .map((call) => violation(`${factor}: step ${call.step} worked after a later one`, calls)));
}

/** A new temporary code revokes the one before it. */
export function newerCodesRevoke(facts) {
  const issues = facts.of("issueTemporaryAccessCode").filter(done);
  return facts.proofs.filter((call) => call.kind === "TEMPORARY_ACCESS_CODE" && done(call)).flatMap((call) => {
    const code = call.proof.split(":").at(-1);
    const issue = issues.find(({ payload }) => payload.code === code);
    const newer = issues.find((other) => other.user === call.user && issue && before(issue, other) && before(other, call));
    return newer ? [violation("a temporary code worked after a newer one was issued", [issue, newer, call])] : [];
  });
}

/** From when on a user is surely locked, and what surely or perhaps ended it. */
function lockings(facts, user, calls) {
  const byHand = calls.filter((call) => call.name === "lockUser" && done(call));
  const guesses = calls.filter(wrong).sort((one, other) => one.ended - other.ended);
  const unlocks = calls.filter((call) => call.name === "unlockUser" && perhaps(call));
  const byGuessing = guesses.length >= LOCKS_AT && unlocks.length === 0 && !facts.isSandbox(user.split("/")[0]) ? [guesses[LOCKS_AT - 1]] : [];
  return [...byHand, ...byGuessing].map((lock) => ({ lock, unlocks: unlocks.filter((unlock) => unlock.begun > lock.begun || !before(unlock, lock)) }));
}

/** Who is locked is let in by nothing, wherever, from the answer on. */
export function locksHold(facts) {
  return [...groups(facts.calls, ({ user }) => user)].flatMap(([user, calls]) =>
    lockings(facts, user, calls).flatMap(({ lock, unlocks }) => {
      const during = calls.filter((call) => before(lock, call) && !unlocks.some((unlock) => unlock.begun < call.ended));
      const letIn = during.filter((call) => done(call) && (call.name === "verifyChallenge" || (call.name === "evaluateLogin" && !call.payload.login.reasons.includes("USER_LOCKED") && !known(calls, call))));
      return letIn.map((call) => violation(`${user} was locked, and ${call.name} was answered`, [lock, call]));
    }));
}

/** A repeat with the same key answers what was decided before the lock. */
function known(calls, call) {
  return calls.some((other) => other.name === "evaluateLogin" && other.idempotencyKey === call.idempotencyKey && perhaps(other) && other.begun < call.begun);
}

/** Ten wrong codes within the quarter of an hour, and not one more, in however many logins. */
export function guessesLock(facts) {
  return [...groups(facts.calls, ({ user }) => user)].flatMap(([user, calls]) => {
    const unlocked = calls.some((call) => call.name === "unlockUser" && perhaps(call));
    const guesses = calls.filter(wrong);
    return guesses.length > LOCKS_AT && !unlocked && !facts.isSandbox(user.split("/")[0])
      ? [violation(`${guesses.length} wrong codes of ${user} were compared`, guesses)] : [];
  });
}

/** A factor that was confirmed is there, and active. */
export function factorsStay(facts) {
  const factors = new Map(facts.tenants.flatMap(({ users }) => users.flatMap((user) => user.factors.map((factor) => [factor.id, factor.status]))));
  return facts.of("confirmFactor").filter(done).flatMap((call) => {
    const replaced = facts.of("confirmFactor").some((other) => other.user === call.user && other.factor !== call.factor && other.kind === call.kind && perhaps(other) && other.ended > call.begun);
    const status = factors.get(call.factor);
    return status === "ACTIVE" || replaced ? [] : [violation(`${call.factor} was confirmed and is ${status ?? "gone"}`, [call])];
  });
}

export function usersAreThere(facts) {
  const there = new Set(facts.tenants.flatMap(({ tenant, users }) => users.map(({ externalId }) => `${tenant.id}/${externalId}`)));
  return facts.of("upsertUser").filter((call) => done(call) && !there.has(call.user)).map((call) => violation(`${call.user} was made and is missing`, [call]));
}

/** A user skips as often as the policy says, and no oftener. */
export function skipsAreCounted(facts) {
  return [...groups(facts.of("skipEnrollment"), ({ user }) => user)].flatMap(([user, calls]) => {
    const given = calls.filter(done);
    const logins = new Set(given.map(({ login }) => login));
    return logins.size > 3 ? [violation(`${user} skipped ${logins.size} times`, given)] : [];
  });
}
