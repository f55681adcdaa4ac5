// What clients, the provider and the endpoint for webhooks saw of one run, sorted by what it is about. Nothing here
// knows how the server works, and nothing of it was read from its tables.

/** One call was over before the other began. */
export const before = (one, other) => one.ended <= other.begun;

export const done = ({ outcome }) => outcome === "done";
export const unknown = ({ outcome }) => outcome === "unknown";
/** It may have been done: what was refused was not. */
export const perhaps = ({ outcome }) => outcome !== "refused";
export const said = (code) => ({ codes }) => codes.includes(code);

export function groups(list, by) {
  const found = new Map();
  for (const one of list) {
    const key = by(one);
    if (key === undefined || key === null) continue;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(one);
  }
  return found;
}

const PROOFS = new Set(["verifyChallenge", "confirmFactor", "skipEnrollment"]);

export class Facts {
  /** @param {{calls: object[], texts: object[], reads?: object[], reports?: object[], spent?: object[], faults?: object[], tenants: object[]}} seen */
  constructor(seen) {
    Object.assign(this, { reads: [], reports: [], spent: [], faults: [], sandboxTexts: [], ...seen });
    this.proofs = this.calls.filter(({ name }) => PROOFS.has(name));
    this.finals = new Map(this.tenants.map((final) => [final.tenant.id, final]));
  }

  of(...names) {
    return this.calls.filter(({ name }) => names.includes(name));
  }

  get logins() {
    return this.tenants.flatMap(({ logins }) => logins);
  }

  /** Whether a gateway's clock was off in this run. */
  get clockStepped() {
    return this.faults.some(({ kind }) => kind === "clock");
  }

  isSandbox(tenant) {
    return this.finals.get(tenant)?.tenant.environment === "SANDBOX";
  }
}

/** What is shown of a violation: the calls concerned, in order, each a line. */
export function story(calls) {
  const start = Math.min(...calls.map(({ begun, at }) => begun ?? at));
  const ms = (time) => (time === undefined ? "?" : String(Math.round(time - start)));
  return [...calls].sort((one, other) => (one.begun ?? one.at) - (other.begun ?? other.at)).map((one) => {
    if (one.way) return `${ms(one.at)} ms: the provider ${one.took ? "took" : "did not take"} ${one.message}, attempt ${one.attempt} (${one.way}${one.code ? `, code ${one.code}` : ""})`;
    if (!one.name) return `${ms(one.begun ?? one.at)}–${ms(one.ended)} ms: read ${one.id ?? ""} ${one.status ?? one.completed ?? one.amount ?? ""}`;
    const about = ["user", "login", "challenge", "factor", "kind", "guess", "proof", "idempotencyKey", "marker"].flatMap((name) => (one[name] === undefined ? [] : [`${name} ${one[name]}`]));
    return `${ms(one.begun)}–${ms(one.ended)} ms: ${one.name} (${about.join(", ")}) → ${[one.outcome, ...one.codes, one.lost ?? "", remaining(one) ?? ""].filter((word) => word !== "").join(" ")}`;
  });
}

export const remaining = ({ payload }) => payload?.challenge?.attemptsRemaining;

/** A violation, with the calls that show it. */
export const violation = (words, calls = []) => ({ words, story: calls.length ? story(calls) : [] });
