// A schedule follows from its seed alone, and all schedules together have in them what the campaign promises.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SEEDS } from "./chaos.test.seeds.mjs";
import { Random } from "./src/random.mjs";
import { LOAD_MS, inWords, schedule } from "./src/schedule.mjs";

const KILLS = ["gateway", "worker", "postgres", "promote"];
const thousand = Array.from({ length: 1_000 }, (_, number) => schedule(number + 1));
const having = (schedules, kind) => schedules.filter(({ faults }) => faults.some((fault) => fault.kind === kind)).length;

test("the same seed is the same schedule, another is another", () => {
  assert.deepEqual(schedule(7), schedule(7));
  assert.notDeepEqual(schedule(7), schedule(8));
});

test("every run has at least five seconds of load, and a kill in them", () => {
  for (const { loadMs, faults, seed } of thousand) {
    assert.ok(loadMs >= 5_000, `seed ${seed}`);
    assert.ok(faults.some(({ kind, at }) => KILLS.includes(kind) && at < LOAD_MS), `seed ${seed}: ${JSON.stringify(faults)}`);
  }
});

test("of a thousand, a hundred kill PostgreSQL and twenty promote a standby", () => {
  assert.ok(having(thousand, "postgres") >= 100, String(having(thousand, "postgres")));
  assert.ok(having(thousand, "promote") >= 20, String(having(thousand, "promote")));
  for (const kind of [...KILLS, "clock", "sandbox-clock"]) assert.ok(having(thousand, kind) >= 50, kind);
});

test("PostgreSQL goes down once a run, and a standby is there where one is promoted", () => {
  for (const { faults, standby } of thousand) {
    const down = faults.filter(({ kind }) => kind === "postgres" || kind === "promote");
    assert.ok(down.length <= 1);
    assert.equal(standby, down[0]?.kind === "promote");
  }
});

test("the provider behaves well in some runs, and badly in every way in others", () => {
  const ways = thousand.map((one) => one.ways);
  for (const way of ["slow", "hangup", "broken", "busy", "refused"]) {
    assert.ok(ways.some((one) => one[way] === 0) && ways.some((one) => one[way] > 0), way);
  }
});

test("the seeds of `make test` have every fault at least twice", () => {
  const chosen = SEEDS.map(schedule);
  assert.equal(new Set(SEEDS).size, 30);
  for (const kind of [...KILLS, "clock", "sandbox-clock"]) assert.ok(having(chosen, kind) >= 2, kind);
});

test("a schedule in words names every fault with its moment", () => {
  const faults = [{ kind: "gateway", at: 700, which: 1 }, { kind: "clock", at: 900, seconds: -20 }, { kind: "promote", at: 3_000 }];
  assert.equal(inWords({ faults }), "gateway 1@700, clock -20 s@900, promote@3000");
});

test("dice are fair enough, and forks do not disturb each other", () => {
  const random = new Random("dice");
  const counts = Array.from({ length: 6 }, () => 0);
  for (let throws = 0; throws < 6_000; throws += 1) counts[random.between(0, 5)] += 1;
  for (const count of counts) assert.ok(count > 850 && count < 1_150, String(counts));
  const [one, other] = [new Random("x"), new Random("x")];
  one.next();
  assert.equal(one.fork("y").next(), other.fork("y").next());
  assert.deepEqual(new Set(random.shuffled([1, 2, 3])), new Set([1, 2, 3]));
  assert.equal(random.weighted({ never: 0, always: 1 }), "always");
});
