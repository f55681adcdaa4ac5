// What a run does, drawn from its seed before anything happens: who is killed when, how the provider and the clients
// behave, who the users are and what they like to do. `chaos --print` shows it.

import { Random } from "./random.mjs";

/** How long the load lasts. A run is at least that long, and has at least one kill in it. */
export const LOAD_MS = 5_000;
const FIRST_MS = 600;
const LAST_MS = 4_000;

/** The first fault of a run is a kill. */
const KILLS = { gateway: 4, worker: 4, postgres: 3, promote: 1 };
const MORE = { gateway: 3, worker: 3, postgres: 2, clock: 3, "sandbox-clock": 3, none: 6 };
/** What a tenant's users do, one thing after another, by weight. */
const HABITS = {
  careful: { login: 5, twice: 2, byVoice: 1, app: 1 },
  clumsy: { login: 2, clumsily: 4, resend: 2, twice: 1 },
  attacked: { guesses: 4, login: 1 },
  lost: { temporaryCode: 4, login: 1 },
  prepared: { backupCode: 4, app: 2, login: 1 },
  app: { app: 5, login: 1 },
  hesitant: { skip: 3, look: 1 },
  watched: { locked: 3, login: 2 },
};
const CAST = ["careful", "careful", "clumsy", "attacked", "lost", "prepared", "app", "hesitant", "watched"];

/** @param {number} seed */
export function schedule(seed) {
  const random = new Random(`run ${seed}`);
  const faults = drawFaults(random.fork("faults"));
  return {
    seed,
    loadMs: LOAD_MS,
    faults,
    standby: faults.some((fault) => fault.kind === "promote"),
    ways: drawWays(random.fork("provider")),
    clients: drawClients(random.fork("clients")),
    tenants: drawTenants(random.fork("tenants")),
  };
}

function drawFaults(random) {
  const first = fault(random.weighted(KILLS), random);
  const others = Array.from({ length: 2 }, () => random.weighted(MORE)).filter((kind) => kind !== "none");
  const faults = [first, ...others.map((kind) => fault(kind, random))].sort((one, other) => one.at - other.at);
  return apart(faults);
}

/** One fault: when it begins, and how long it lasts (a dead process is begun again after that). */
function fault(kind, random) {
  const drawn = { kind, at: random.between(FIRST_MS, LAST_MS) };
  if (kind === "gateway") return { ...drawn, which: random.between(0, 1), lasts: random.between(0, 700) };
  if (kind === "worker") return { ...drawn, lasts: random.between(0, 900) };
  if (kind === "postgres") return { ...drawn, lasts: random.between(0, 600) };
  if (kind === "clock") return { ...drawn, seconds: random.pick([-1, 1]) * random.between(20, 200), lasts: random.between(500, 2_000) };
  if (kind === "sandbox-clock") return { ...drawn, seconds: random.between(1, 400) };
  return drawn;
}

/** PostgreSQL is brought down once at a time: what begins while it recovers would wait for it. */
function apart(faults) {
  const database = faults.filter(({ kind }) => kind === "postgres" || kind === "promote");
  const kept = database.find(({ kind }) => kind === "promote") ?? database[0];
  return faults.filter((one) => !database.includes(one) || one === kept);
}

function drawWays(random) {
  const trouble = random.pick([0, 0.5, 1, 2]);
  const part = (most) => Math.round(trouble * random.between(0, most));
  return { ok: 60, slow: part(10), hangup: part(8), broken: part(6), busy: part(4), refused: part(3) };
}

function drawClients(random) {
  return {
    /** How many of a hundred calls are given up by their client. */
    hangUps: random.pick([0, 3, 8]),
    /** How long users think, at most. */
    thinkMs: random.pick([20, 60, 150]),
    parallel: random.between(2, 6),
  };
}

function drawTenants(random) {
  const users = (name, many) => {
    const cast = random.shuffled(CAST).slice(0, many);
    // Three of ten enroll while everything else goes on; the others are there when it begins.
    return cast.map((habit, number) => ({ externalId: `${name}-${number}`, habit, late: random.chance(0.3), likes: HABITS[habit] }));
  };
  return [
    { name: "live", environment: "LIVE", users: users("live", 6), publishes: true },
    { name: "capped", environment: "LIVE", users: users("capped", 3), cap: (random.between(4, 30) * 0.0075).toFixed(4) },
    { name: "sandbox", environment: "SANDBOX", users: users("sandbox", 3), publishes: random.chance(0.5) },
  ];
}

/** For a person, and for the results: one line. */
export function inWords({ faults }) {
  return faults.map(({ kind, at, which, seconds }) =>
    `${kind}${which === undefined ? "" : ` ${which}`}${seconds === undefined ? "" : ` ${seconds > 0 ? "+" : ""}${seconds} s`}@${at}`).join(", ");
}
