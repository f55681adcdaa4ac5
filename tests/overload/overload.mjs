// `make overload`: what an installation can answer is found out by who asks as fast as they are answered; then
// three times as much comes, from people who do not wait for one another, while users who were sent their codes
// prove them at an even pace. It fails where these wait more than twice as long as they do on a quiet machine
// (99 of 100), where not what sends is refused first, where memory grows, or where quiet takes long to come back.

import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { Field } from "../races/support/field.mjs";
import { enrolled, number } from "../stories/support/people.mjs";
import { Client, closedLoop, openLoop, quantile } from "./support/client.mjs";

const TIMES = 3;
const [QUIET_MS, CAPACITY_MS, OVERLOAD_MS, RECOVERY_MS] = [10_000, 6_000, Number(process.env.POSTERN_OVERLOAD_SECONDS ?? 20) * 1000, 10_000];
const PROOFS_PER_SECOND = Number(process.env.POSTERN_OVERLOAD_PROOFS ?? 10);
/** What was let in before the overload was seen is done first. */
const ONSET_MS = 2_000;
const WORKERS = 16;
const REPORT = process.env.POSTERN_OVERLOAD_REPORT;
/** A destination is sent three codes without a right one between. */
const LOGINS_OF_A_USER = 2;

const VERIFY = "mutation($input: VerifyChallengeInput!) { verifyChallenge(input: $input) { login { id assertion } userErrors { code } } }";
const EVALUATE = "mutation($input: EvaluateLoginInput!) { evaluateLogin(input: $input) { login { id outcome } userErrors { code } } }";
const SEND = "mutation($input: EnrollPhoneInput!) { enrollPhone(input: $input) { challenge { id } userErrors { code } } }";
const LIST = "{ tenant { users(first: 20) { edges { node { id externalId factors { id status } } } } } }";

/** An installation, and people in it. */
class Crowd {
  #newcomers = 0;

  static async gather(proofs, settings) {
    const crowd = new Crowd();
    // Newcomers never give their codes: the guard against that would refuse what overload should.
    crowd.field = await Field.start(1, { POSTERN_FRAUD_GUARD__MODE: "observe", ...settings });
    [crowd.replica] = crowd.field.replicas;
    crowd.client = new Client(crowd.replica.login);
    crowd.ready = await crowd.#waiting(proofs);
    await crowd.#in(400, (at) => crowd.replica.login.upsert(`newcomer-${at}`));
    return crowd;
  }

  #in(many, deed) {
    let next = 0;
    const one = async () => {
      while (next < many) await deed(next++);
    };
    return Promise.all(Array.from({ length: 8 }, one));
  }

  /** Logins whose codes were sent and are known. */
  async #waiting(many) {
    const { login: api } = this.replica;
    const ready = [];
    await this.#in(Math.ceil(many / LOGINS_OF_A_USER), async (at) => {
      await enrolled(api, `user-${at}`);
      for (let login = 0; login < LOGINS_OF_A_USER; login += 1) {
        const begun = await api.evaluate(`user-${at}`);
        const { challenge } = await api.start(begun, begun.methods[0]);
        ready.push({ challengeId: challenge.id, code: await api.code(challenge) });
      }
    });
    return ready;
  }

  prove(due) {
    return this.client.ask(VERIFY, this.ready.pop(), due);
  }

  /** What everybody asks: half begins logins, three in ten send, the rest are lists. */
  async ask(at, due) {
    const kind = ["decide", "send", "decide", "list", "decide", "send", "decide", "list", "decide", "send"][at % 10];
    return { kind, ...(await this.#kinds[kind](due)) };
  }

  #kinds = {
    decide: (due) => this.client.ask(EVALUATE, { user: { externalId: `newcomer-${this.#next()}` }, firstFactor: "PASSWORD", ipAddress: "198.51.100.7" }, due),
    send: (due) => this.client.ask(SEND, { user: { externalId: `newcomer-${this.#next()}` }, number: number() }, due),
    list: (due) => this.client.ask(LIST, undefined, due),
  };

  #next() {
    this.#newcomers += 1;
    return this.#newcomers % 400;
  }

  /** Mebibytes that the gateway holds. */
  async memory() {
    const status = await readFile(`/proc/${this.field.installation.gateways[0].child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  }
}

const waits = (answers) => answers.filter(({ outcome }) => outcome === "").map(({ took }) => took);
const proofs = (crowd, ms) => openLoop(PROOFS_PER_SECOND, ms, (_, due) => crowd.prove(due));
const shares = (answers) => {
  const counts = {};
  for (const { outcome } of answers) counts[outcome || "answered"] = (counts[outcome || "answered"] ?? 0) + 1;
  return counts;
};
const isRefusal = ({ outcome }) => ["UNAVAILABLE", "RATE_LIMITED", "TOO_SOON"].includes(outcome);
const refusedShare = (answers) => answers.filter(isRefusal).length / Math.max(1, answers.length);

/** How long proofs take on a quiet machine, and how much it can answer. */
async function calibrate() {
  const crowd = await Crowd.gather((QUIET_MS / 1000) * PROOFS_PER_SECOND + 20, {});
  try {
    await proofs(crowd, 1_000);
    const quiet = quantile(waits(await proofs(crowd, QUIET_MS - 1_000)), 0.99);
    const answers = await closedLoop(WORKERS, CAPACITY_MS, (at) => crowd.ask(at));
    return { quiet, capacity: answers.length / (CAPACITY_MS / 1000) };
  } finally {
    await crowd.field.stop();
  }
}

async function overload({ quiet, capacity }) {
  const target = Math.max(5, Math.round(quiet));
  const crowd = await Crowd.gather(((OVERLOAD_MS + RECOVERY_MS) / 1000) * PROOFS_PER_SECOND + 40, { POSTERN_API__TARGET_MS: String(target) });
  try {
    const memory = [await crowd.memory()];
    const watch = setInterval(async () => memory.push(await crowd.memory()), 1_000);
    const [asked, proved] = await Promise.all([openLoop(capacity * TIMES, OVERLOAD_MS, (at, due) => crowd.ask(at, due)), proofs(crowd, OVERLOAD_MS)]);
    clearInterval(watch);
    const recovered = await recovery(crowd, quiet);
    return { target, memory, asked, proved, recovered };
  } finally {
    await crowd.field.stop();
  }
}

/** How many seconds pass until a list, a login and a code are answered again, and a proof as on a quiet machine. */
async function recovery(crowd, quiet) {
  const began = performance.now();
  while (performance.now() - began < RECOVERY_MS) {
    const answers = [await crowd.ask(0), await crowd.ask(1), await crowd.ask(3)];
    const proof = await crowd.prove(performance.now());
    if (answers.every((answer) => !isRefusal(answer)) && proof.took <= 2 * quiet) return (performance.now() - began) / 1000;
    await sleep(250);
  }
  return Infinity;
}

const measured = await calibrate();
const { target, memory, asked, proved, recovered } = await overload(measured);
Client.end();
const of = (kind) => asked.filter((one) => one.kind === kind);
const [onset, later] = [proved.slice(0, (ONSET_MS / 1000) * PROOFS_PER_SECOND), proved.slice((ONSET_MS / 1000) * PROOFS_PER_SECOND)];
const late = quantile(waits(later), 0.99);
const [decide, send, list] = ["decide", "send", "list"].map((kind) => refusedShare(of(kind)));
const half = memory.slice(Math.floor(memory.length / 2));
const gates = [
  ["99 of 100 proofs within twice the quiet figure", `${late.toFixed(1)} ms, quiet ${measured.quiet.toFixed(1)} ms; in the first ${ONSET_MS / 1000} s up to ${quantile(waits(onset), 1).toFixed(0)} ms`, late <= 2 * measured.quiet],
  ["no proof is refused", JSON.stringify(shares(proved)), proved.every(({ outcome }) => outcome === "")],
  ["what sends is refused before what begins a login", `refused: lists ${(list * 100).toFixed(0)} %, sends ${(send * 100).toFixed(0)} %, logins ${(decide * 100).toFixed(0)} %`, send > 0 && send >= decide],
  ["refusals are RATE_LIMITED or UNAVAILABLE", JSON.stringify(shares(asked)), asked.every((one) => one.outcome === "" || isRefusal(one))],
  ["memory stays flat in the second half", `${half[0]?.toFixed(0)} to ${half.at(-1)?.toFixed(0)} MiB`, half.at(-1) <= half[0] * 1.15 + 16],
  ["quiet again within 10 s", `${recovered.toFixed(1)} s`, recovered <= RECOVERY_MS / 1000],
];
const text = ["# Overload", "",
  `Capacity in the same run: ${measured.capacity.toFixed(0)} answers a second to ${WORKERS} who wait for each; asked: ${TIMES} times that for ${OVERLOAD_MS / 1000} s beside ${PROOFS_PER_SECOND} proofs a second. \`api.target_ms\` = ${target}.`, "",
  "| | | |", "|---|---|---|", ...gates.map(([name, figure, holds]) => `| ${name} | ${figure} | ${holds ? "holds" : "**does not hold**"} |`), ""].join("\n");
console.log(text);
if (REPORT) await writeFile(REPORT, text);
process.exitCode = gates.every(([, , holds]) => holds) ? 0 : 1;
