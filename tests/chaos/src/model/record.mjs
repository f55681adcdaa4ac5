// What is on record: policies by version, acts in the audit log, and events that were told.

import { before, done, groups, perhaps, unknown, violation } from "./facts.mjs";

const ACTS = {
  publishPolicy: "policy.published",
  lockUser: "user.locked",
  unlockUser: "user.unlocked",
  issueTemporaryAccessCode: "temporary_access.issued",
};

/** Every policy that was published is there under its number, and none besides. */
export function versionsAreKept(facts) {
  return facts.tenants.flatMap(({ tenant, policyVersions }) => {
    const calls = facts.of("publishPolicy").filter((call) => call.tenant === tenant.id);
    const numbers = policyVersions.map(({ version }) => version);
    const twice = numbers.length !== new Set(numbers).size || Math.max(...numbers) !== numbers.length;
    const lost = calls.filter((call) => done(call) && policyVersions.find(({ version }) => version === call.payload.policy.version)?.comment !== call.marker);
    const refused = calls.filter((call) => call.outcome === "refused" && policyVersions.some(({ comment }) => comment === call.marker));
    return [
      ...(twice ? [violation(`${tenant.name} has the versions ${numbers}`, calls)] : []),
      ...lost.map((call) => violation(`version ${call.payload.policy.version} was published and is not there`, [call])),
      ...refused.map((call) => violation(`${call.marker} was refused and is there`, [call])),
    ];
  });
}

/** Versions grow in the order in which they were published, each from the one it was edited from. */
export function versionsGrow(facts) {
  return [...groups(facts.of("publishPolicy").filter(done), ({ tenant }) => tenant)].flatMap(([, calls]) =>
    calls.flatMap((call) => {
      const number = call.payload.policy.version;
      const later = calls.find((other) => before(call, other) && other.payload.policy.version <= number);
      if (number !== call.expected + 1) return [violation(`version ${number} was edited from ${call.expected}`, [call])];
      return later ? [violation(`version ${later.payload.policy.version} came after ${number}`, [call, later])] : [];
    }));
}

/** A gateway that has decided by a version never decides by an earlier one; and by the end all know the last. */
export function decisionsGoForward(facts) {
  const decided = firstOfKeys(facts.of("evaluateLogin")).filter(done);
  const back = [...groups(decided, ({ tenant, gateway }) => `${tenant} ${gateway}`)].flatMap(([, calls]) => {
    const step = calls.flatMap((call) => calls.filter((other) => before(call, other) && other.payload.login.policyVersion < call.payload.login.policyVersion).map((other) => [call, other]))[0];
    return step ? [violation("a gateway went back to an earlier policy", step)] : [];
  });
  const behind = facts.tenants.filter(({ policyVersions, last }) => last.version !== Math.max(...policyVersions.map(({ version }) => version)));
  return [...back, ...behind.map(({ tenant, last }) => violation(`${tenant.name} decides by version ${last.version}, which is not the last`))];
}

/** A repeat answers the version by which its login was decided, which may be long ago. */
function firstOfKeys(calls) {
  const seen = new Set();
  return calls.filter(({ user, idempotencyKey }) => !seen.has(`${user} ${idempotencyKey}`) && seen.add(`${user} ${idempotencyKey}`));
}

/** An act that was acknowledged is in the log; one that was refused is not. */
export function actsAreOnRecord(facts) {
  return facts.tenants.flatMap(({ tenant, auditLog }) => Object.entries(ACTS).flatMap(([name, action]) => {
    const calls = facts.of(name).filter((call) => call.tenant === tenant.id && call.marker);
    return [...groups(calls, ({ marker }) => marker)].flatMap(([marker, marked]) => {
      const rows = auditLog.filter((row) => row.action === action && JSON.stringify(row.detail ?? "").includes(`"${marker}"`)).length;
      const [least, most] = [marked.filter(done).length, marked.filter(perhaps).length];
      return rows >= least && rows <= most ? [] : [violation(`${action} (${marker}) is on record ${rows} times, and was done ${least} to ${most} times`, marked)];
    });
  }));
}

/** The log proves itself, and the export has what the API shows: of the tenant that was exported. */
export function theLogHolds(facts) {
  return facts.tenants.filter(({ proof }) => proof).flatMap(({ tenant, auditLog, proof }) => {
    if (proof.said) return [violation(`${tenant.name}: ${proof.said.split("\n").slice(0, 4).join(" ")}`)];
    const exported = JSON.stringify(proof.lines);
    const missing = auditLog.filter(({ hash }) => hash && !exported.includes(hash));
    return missing.length ? [violation(`${tenant.name}: ${missing.length} entries are not in the export`)] : [];
  });
}

/** What was done is told, and told the same however often. */
export function eventsAreTold(facts) {
  return facts.tenants.flatMap(({ tenant, unheard, hooks }) => {
    const changed = [...groups(hooks, ({ id }) => id)].filter(([, told]) => new Set(told.map(({ body }) => body)).size > 1);
    return [...unheard.map((words) => violation(`${tenant.name}: never told of ${words}`)), ...changed.map(([id]) => violation(`${id} was told in two ways`))];
  });
}

/** Nothing is told that was refused, or that nobody did. */
export function nothingElseIsTold(facts) {
  return facts.tenants.flatMap(({ tenant, hooks }) => {
    const told = (type) => new Set(hooks.filter((event) => event.type === type).map(({ id }) => id)).size;
    const of = (...names) => facts.of(...names).filter((call) => call.tenant === tenant.id);
    const most = (calls) => calls.filter((call) => done(call) || unknown(call)).length;
    const limits = {
      "factor.added": most(of("confirmFactor", "generateBackupCodes")),
      "policy.published": most(of("publishPolicy")),
      "temporary_access.issued": most(of("issueTemporaryAccessCode")),
      "login.completed": most(of("verifyChallenge", "confirmFactor", "skipEnrollment")) + of("evaluateLogin").length,
    };
    return Object.entries(limits).filter(([type, limit]) => told(type) > limit).map(([type, limit]) => violation(`${tenant.name}: ${told(type)} events ${type}, of ${limit}`));
  });
}

/** What an endpoint is to be told of, as far as clients know. */
export function toBeTold(calls, tenant, messages) {
  const mine = calls.filter((call) => call.tenant === tenant && done(call));
  const wanted = [];
  const want = (type, field, id) => wanted.push({ words: `${type} of ${id}`, test: (event) => event.type === type && event.data[field] === id });
  for (const call of mine) {
    if (call.name === "confirmFactor") want("factor.added", "factorId", call.factor);
    if (call.name === "verifyChallenge") want("login.completed", "loginId", call.login);
    if (call.name === "lockUser") want("user.locked", "userId", call.payload.user.id);
    if (call.name === "publishPolicy") want("policy.published", "version", call.payload.policy.version);
  }
  for (const { id, status } of messages) if (status === "FAILED") want("message.failed", "messageId", id);
  return wanted;
}
