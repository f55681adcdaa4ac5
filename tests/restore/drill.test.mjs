// The drill: an installation at work is lost, and brought back to an earlier moment from a base backup and the
// archive of PostgreSQL's log. Everything that was there at that moment is there, row by row; nothing that was
// used since is used twice, nothing that waited is sent again, nothing is billed twice.
//
// The moment is less than a minute ago and not ten: after ten minutes codes have run out by themselves, and
// here they are all still good.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { leashFolder } from "../chaos/src/leash.mjs";
import { eventually } from "../races/support/field.mjs";
import { codes } from "../stories/support/api.mjs";
import { enrolled, number } from "../stories/support/people.mjs";
import { freePort } from "../stories/support/ports.mjs";
import { Cluster } from "./support/cluster.mjs";
import { House, World } from "./support/house.mjs";
import { RETURN_URL, THINGS } from "./support/things.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [COUNTS, AFTER] = ["infra/count-rows.sql", "infra/after-restore.sql"].map((file) => path.join(root, file));
const MOMENT = "the_moment";
/** How long logins go on, on both sides of the moment. */
const LOAD_MS = Number(process.env.POSTERN_DRILL_SECONDS ?? 3) * 1000;
const REPORT = process.env.POSTERN_DRILL_REPORT;
const CLIENTS = 4;
const LIVE_TEXTS = { before: 5, waiting: 2, after: 3, restored: 1 };
const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH", allowedChannels: ["SMS", "VOICE", "TOTP"] };

let folder, world, lost, base, restored, house;
/** Of the sandbox's API, as integrator, help desk and partner; of the firm that pays, as integrator. */
const on = {};
let live, sandbox;
const things = {};
const report = { restored: {}, dumped: {}, refused: [] };
const acknowledged = { before: [], after: [] };

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postern-drill-"));
  leashFolder(folder);
  // PostgreSQL may run as another account, which must get through.
  await chmod(folder, 0o711);
  world = await World.start();
  lost = await Cluster.make(path.join(folder, "lost"), await freePort());
  await lost.start();
  await lost.sql("create database postern", "postgres");
  house = new House(lost, world, folder);
  await house.run("keys", "new-master");
  await house.run("bootstrap");
  await house.run("migrate");
  await house.serve();
  house.work();
  await firms();
});

after(async () => {
  await house?.lose();
  await Promise.all([lost, restored].map((cluster) => cluster?.lose()));
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function firms() {
  const key = (await house.run("partner", "create", "--name", "Northgate Services")).trim();
  const make = async (slug, environment) => {
    const input = { slug, name: slug, environment, ownerEmail: `owner@${slug}.example` };
    const { tenant } = await house.api(key).must("createTenant", input, "tenant { id }");
    const partner = house.api(key, { "x-postern-tenant": tenant.id });
    await partner.must("updateTenant", { returnUrls: [RETURN_URL] }, "tenant { id }");
    assert.deepEqual(codes(await partner.publish(ALWAYS, environment === "LIVE" ? { codes: { resendAfterSeconds: 30 } } : {})), []);
    const secret = async (scopes) => (await partner.must("createApiKey", { name: scopes.join(), scopes }, "secret")).secret;
    return { tenant: tenant.id, keys: { api: await secret(["LOGIN", "USERS", "READ"]), desk: await secret(["SUPPORT", "POLICY", "READ"]) } };
  };
  sandbox = await make("meridian", "SANDBOX");
  live = await make("harbor", "LIVE");
  Object.assign(on, { world, partnerKey: key, tenant: { id: sandbox.tenant, slug: "meridian" } });
  enter(house);
}

/** The same keys, at this house. */
function enter(its) {
  Object.assign(on, {
    house: its,
    api: its.api(sandbox.keys.api),
    desk: its.api(sandbox.keys.desk),
    partner: its.api(on.partnerKey, { "x-postern-tenant": sandbox.tenant }),
    live: its.api(live.keys.api),
  });
}

/** Clients who sign in one after the other, for so long; the logins that were acknowledged as complete. */
async function load(into, ms) {
  const end = Date.now() + ms;
  const client = async (_, at) => {
    await enrolled(on.api, `client-${at}`).catch(() => {});
    while (Date.now() < end) {
      const login = await on.api.evaluate(`client-${at}`);
      const { challenge } = await on.api.start(login, login.methods[0]);
      if (!challenge) return;
      const done = await on.api.verify(challenge, await on.api.code(challenge));
      if (done.login) into.push(done.login.id);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** Texts of the firm that pays, which reach their carrier. */
async function textsOfLive(name, many) {
  for (let at = 0; at < many; at += 1) {
    await on.live.upsert(`${name}-${at}`);
    assert.deepEqual(codes(await on.live.enrollPhone(`${name}-${at}`, number())), []);
  }
}

const counted = async (cluster, database) =>
  Object.fromEntries((await cluster.file(COUNTS, { database })).trim().split("\n").map((line) => line.split("|")).map(([table, rows]) => [table, Number(rows)]));

const ledger = async (cluster) => {
  const rows = await cluster.sql(`select count(*) from usage_ledger where tenant_id = (select tenant_id from tenant where slug = 'harbor')`);
  return Number(rows);
};

const customer = () => [...world.stripe.account.customers.values()].find(({ name }) => name === "harbor");
/** How many texts Stripe would bill. */
const told = () => {
  const { id } = customer();
  const [from, to] = [0, 4_000_000_000];
  return [...world.stripe.account.meters.keys()].reduce((sum, meter) => sum + world.stripe.account.counted(meter, id, from, to), 0n);
};

async function billed(texts) {
  await eventually(customer, "a customer at Stripe", 60_000);
  await eventually(async () => (await house.nudge(customer().id), told() === BigInt(texts)), `${texts} texts at Stripe`, 60_000);
}

test("an installation at work is backed up, goes on, and is lost", async () => {
  await load([], 500);
  base = await lost.backUp(path.join(folder, "base"));
  await textsOfLive("early", LIVE_TEXTS.before);
  await eventually(() => world.texts.size === LIVE_TEXTS.before, "the texts");
  await billed(LIVE_TEXTS.before);
  for (const [name, { open }] of Object.entries(THINGS)) things[name] = await open(on);
  await load(acknowledged.before, LOAD_MS);
  // Nothing is taken from the queue any more: these wait at the moment that will be restored.
  await house.rest();
  await textsOfLive("waiting", LIVE_TEXTS.waiting);
  report.restored.before = await counted(lost);
  await lost.sql(`select pg_create_restore_point('${MOMENT}')`);
  house.work();
  for (const [name, { use }] of Object.entries(THINGS)) await use(on, things[name]);
  await textsOfLive("late", LIVE_TEXTS.after);
  await load(acknowledged.after, LOAD_MS);
  const sent = LIVE_TEXTS.before + LIVE_TEXTS.waiting + LIVE_TEXTS.after;
  await eventually(() => world.texts.size === sent, "the later texts");
  await billed(sent);
  await house.run("audit", "keys", "--output", path.join(folder, "keys.json"));
  await house.run("audit", "heads", "--tenant", "meridian", "--output", path.join(folder, "heads.txt"));
  await house.run("export", "audit", "--tenant", "meridian", "--format", "jsonl", "--output", path.join(folder, "later.jsonl"));
  await lost.archived();
  await house.lose();
  await lost.lose();
  assert.ok(acknowledged.before.length > 0 && acknowledged.after.length > 0, "there was load");
});

test("it is brought back to the moment, row by row", async () => {
  const began = Date.now();
  restored = await Cluster.restore({ from: base, archive: lost.archive, moment: MOMENT, folder: path.join(folder, "restored"), port: await freePort() });
  report.restored.after = await counted(restored);
  report.seconds = (Date.now() - began) / 1000;
  assert.ok(report.restored.after.login > 0);
  assert.deepEqual(report.restored.after, report.restored.before);
});

test("what was open is ended, and the installation is fit to serve", async () => {
  await restored.file(AFTER, { role: "postern_owner" });
  house = new House(restored, world, folder);
  const { code, said } = await house.ask("doctor");
  assert.equal(code, 0, said);
  await house.serve();
  house.work();
  enter(house);
});

for (const [name, { again }] of Object.entries(THINGS)) {
  test(`${name} does not come back to life`, async () => {
    assert.equal(await again(on, things[name]), false);
    report.refused.push(name);
  });
}

test("what was acknowledged before the moment is there, and nothing of afterwards", async () => {
  for (const id of acknowledged.before) assert.ok((await on.api.login(id)).completedAt, id);
  for (const id of acknowledged.after) assert.equal(await on.api.login(id), null, id);
});

test("what waited at the moment is not sent again, and nothing is billed twice", async () => {
  const before = new Map(world.texts);
  await textsOfLive("restored", LIVE_TEXTS.restored);
  const sent = before.size + LIVE_TEXTS.restored;
  await eventually(() => world.texts.size === sent, "the new text");
  assert.deepEqual([...world.texts.values()], [...world.texts.values()].map(() => 1), "each text once");
  // A day is told as a total: what the restored books know, and never more than went out.
  const known = LIVE_TEXTS.before + LIVE_TEXTS.restored;
  await eventually(async () => (await ledger(restored)) >= known, "the charge");
  assert.equal(await ledger(restored), known);
  await billed(known);
  assert.ok(told() <= BigInt(sent));
  report.texts = { sent, inTheBooks: known, toldToStripe: Number(told()) };
});

test("the audit log holds, and what was kept elsewhere says what is missing", async () => {
  const [file, keys] = [path.join(folder, "restored.jsonl"), path.join(folder, "keys.json")];
  await house.run("export", "audit", "--tenant", "meridian", "--format", "jsonl", "--output", file);
  const alone = await house.ask("audit", "verify", file, "--keys", keys);
  assert.equal(alone.code, 0, alone.said);
  const kept = await house.ask("audit", "verify", file, "--keys", keys, "--kept", path.join(folder, "later.jsonl"));
  assert.notEqual(kept.code, 0);
  assert.match(kept.out, /CUT|REWRITTEN/);
  report.audit = { alone: alone.out.trim().split("\n").at(-1), beside: kept.out.trim().split("\n")[0] };
});

test("a dump by the role for it counts the same; one by a role that is bound is empty, and its counts tell", async () => {
  await house.rest();
  await house.lose();
  await restored.sql("grant pg_read_all_data to postern_backup; alter role postern_backup login password 'secret'");
  report.dumped.before = await counted(restored);
  await restored.program("pg_dump", "--format=custom", `--file=${path.join(restored.sockets, "postern.dump")}`, restored.url("postern_backup"));
  await restored.sql("create database copied", "postgres");
  // The schema of the functions that cross tenants is made by `bootstrap`, with its owner; so it is there already.
  await restored.program("pg_restore", `--dbname=${restored.url("postgres", "copied")}`, path.join(restored.sockets, "postern.dump"));
  report.dumped.after = await counted(restored, "copied");
  assert.deepEqual(report.dumped.after, report.dumped.before);
  const bound = restored.program("pg_dump", "--data-only", "--table=tenant_user", restored.url("postern_owner"));
  await assert.rejects(bound, /row-level security/, "refused, unless it is asked to be empty");
  const empty = await restored.program("pg_dump", "--data-only", "--enable-row-security", "--table=tenant_user", restored.url("postern_owner"));
  assert.ok(report.dumped.before.tenant_user > 0);
  assert.match(empty, /COPY public\.tenant_user [^\n]*;\n\\\.\n/, "it succeeds, and holds no row");
});

test("the report is written", async () => {
  const tables = Object.keys(report.restored.before).filter((table) => report.restored.before[table] > 0);
  const lines = tables.map((table) => `| ${table} | ${report.restored.before[table]} | ${report.restored.after[table]} | ${report.dumped.before[table]} | ${report.dumped.after[table]} |`);
  const text = [
    "# Restore drill", "",
    `Base backup and archive to a named moment: ready in ${report.seconds.toFixed(1)} s. Logins acknowledged before it: ${acknowledged.before.length}, all there; after it: ${acknowledged.after.length}, none there.`, "",
    `Tried again and refused: ${report.refused.join(", ")}.`, "",
    `Texts of the firm that pays: ${report.texts?.sent} sent, each once; ${report.texts?.inTheBooks} in the restored books; ${report.texts?.toldToStripe} told to Stripe.`, "",
    `Audit log alone: ${report.audit?.alone}`, `Beside what was kept: ${report.audit?.beside}`, "",
    "| table | rows at the moment | restored | before the dump | restored from it |", "|---|--:|--:|--:|--:|", ...lines, "",
  ].join("\n");
  assert.deepEqual(report.refused, Object.keys(THINGS));
  if (REPORT) await writeFile(REPORT, text);
  else assert.ok(text.includes("| login |"));
});
