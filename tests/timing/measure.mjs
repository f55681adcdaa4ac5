// `make timing`: how long it takes to be refused, by pairs that must not be told apart. Calls of both go out one
// after the other, in an order that chance decides, on one connection. It prints and keeps medians, their ratio and
// how sure that is, and fails where a ratio is more than two in a hundred from one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";

import { Field } from "../races/support/field.mjs";
import { totp } from "../stories/support/people.mjs";
import { STATES, wrongOf } from "./support/states.mjs";
import { median, ratioOfMedians, shuffled } from "./support/statistics.mjs";

const CALLS = Number(process.env.POSTERN_TIMING_CALLS ?? 10_000);
const WARM_UP = Math.min(200, CALLS / 10);
const MOST = 0.02;
const REPORT = process.env.POSTERN_TIMING_REPORT;
const PLATFORM = "01900000-0000-7000-8000-000000000001";
const PASSWORD = "amber lantern over the moat";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends a request and reads the answer; how many microseconds that took. */
function timed(url, headers, body) {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const sent = request(url, { method: "POST", agent, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers } }, (response) => {
      response.resume();
      response.on("end", () => resolve(Number(process.hrtime.bigint() - began) / 1_000));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The tables' owner at the platform's rows, to give back the tries that a name has. */
class Owner {
  constructor(url) {
    this.child = spawn("psql", ["-X", "-q", "-At", url], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface(this.child.stdout);
    this.child.stdin.write(`set postern.tenant_id = '${PLATFORM}';\n`);
  }

  async forgive() {
    const told = once(this.lines, "line");
    this.child.stdin.write("delete from password_try;\n\\echo done\n");
    await told;
  }

  end() {
    this.child.stdin.end();
  }
}

/** Calls a pair at a time, in an order that chance decides, so that whatever else goes on meets both; the times of each. */
async function interleaved(calls, pair, between = async () => {}) {
  const times = [[], []];
  for (let at = 0; at < calls / 2 + WARM_UP; at += 1) {
    await between(at);
    for (const which of shuffled([0, 1])) {
      const took = await pair[which]();
      if (at >= WARM_UP) times[which].push(took);
    }
  }
  return times;
}

function judged(name, [one, other]) {
  const { ratio, from, to } = ratioOfMedians(one, other);
  const isAlike = Math.abs(ratio - 1) <= MOST;
  // On a machine with much else to do the interval is wide: then more calls are needed, or quiet.
  const verdict = isAlike ? "alike" : from <= 1 && to >= 1 ? "not to be told here: too much else goes on" : "NOT ALIKE";
  console.log(`${name}: ${median(one).toFixed(0)} µs and ${median(other).toFixed(0)} µs, ratio ${ratio.toFixed(4)} (${from.toFixed(4)} to ${to.toFixed(4)}), ${one.length + other.length} calls: ${verdict}`);
  return { row: `| ${name} | ${one.length + other.length} | ${median(one).toFixed(0)} | ${median(other).toFixed(0)} | ${ratio.toFixed(4)} | ${from.toFixed(4)}–${to.toFixed(4)} | ${verdict} |`, isAlike };
}

/** Right and wrong codes in a state of a login. */
async function codesIn(replica, name, make) {
  const target = await make(replica);
  const query = "mutation($input: VerifyChallengeInput!) { verifyChallenge(input: $input) { login { id } challenge { id attemptsRemaining } userErrors { code message } } }";
  const headers = { authorization: `Bearer ${replica.login.key}` };
  const give = (code) => {
    const body = JSON.stringify({ query, variables: { input: { challengeId: target.challenge.id, code } } });
    return () => timed(replica.login.url, headers, body);
  };
  return judged(`${name}: right and wrong`, await interleaved(CALLS, [give(target.code), give(wrongOf(target.code))]));
}

/** An account that signs in. */
async function account(replica, email) {
  await replica.partner.must("inviteAdmin", { email, role: "AUDITOR" }, "admin { id }");
  const { sandboxBody } = await replica.login.inbox(({ purpose }) => purpose === "ADMIN_INVITATION");
  const post = async (place, body) => (await fetch(`${replica.url}${place}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).json();
  const { methodId, secret } = await post("/auth/accept-invitation", { token: /\/invitation#(\S+)/.exec(sandboxBody)[1], password: PASSWORD, displayName: "Nora" });
  await post("/auth/second-factor", { methodId, code: totp(`otpauth://totp/x?secret=${secret}`) });
}

async function names(field, replica) {
  await account(replica, "known@firm.example");
  const owner = new Owner(field.installation.database.owner);
  const attempt = (email) => () => timed(`${replica.url}/auth/password`, {}, JSON.stringify({ email, password: "not the password at all" }));
  const times = await interleaved(CALLS, [attempt("known@firm.example"), attempt("nobody@firm.example")], (at) => (at % 3 ? undefined : owner.forgive()));
  owner.end();
  return judged("sign-in: a name that is known and one that is not", times);
}

const field = await Field.start(1);
try {
  const [replica] = field.replicas;
  const results = [];
  for (const [name, make] of Object.entries(STATES)) results.push(await codesIn(replica, name, make));
  results.push(await names(field, replica));
  const text = ["# Timing", "", `Pairs that must not be told apart, interleaved in an order that chance decides; microseconds, with the interval that holds 95 of 100 resampled ratios.`, "",
    "| pair | calls | median | median | ratio | 95 % | |", "|---|--:|--:|--:|--:|--:|---|", ...results.map(({ row }) => row), ""].join("\n");
  if (REPORT) await writeFile(REPORT, text);
  process.exitCode = results.every(({ isAlike }) => isAlike) ? 0 : 1;
} finally {
  agent.destroy();
  await field.stop();
}
