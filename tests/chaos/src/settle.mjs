// What is there once everything came to rest, as the public API, the audit log's export and `postern audit verify` tell it.

import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { toBeTold } from "./model/index.mjs";
import { command } from "./processes.mjs";

/** The longest that a message may be on its way: as long as its code holds, a lease, and a provider that takes its time. */
const AT_REST_WITHIN = 160_000;
const TOLD_WITHIN = 60_000;
const STEP = 1_500;
const PAGE = 100;
const UNDER_WAY = new Set(["QUEUED", "SENDING"]);
const LISTS = {
  messages: "id channel purpose status failure timeline { status }",
  logins: "id outcome completedAt completedWith policyVersion user { externalId }",
  users: "id externalId status factors { id status }",
  policyVersions: "version comment",
  auditLog: "id action target detail hash",
};

async function all(client, list) {
  const found = [];
  for (let after = null; ;) {
    const query = `query($after: String) { tenant { ${list}(first: ${PAGE}, after: $after) { edges { node { ${LISTS[list]} } } pageInfo { hasNextPage endCursor } } } }`;
    const { data } = await client.ask(query, { after });
    const { edges, pageInfo } = data.tenant[list];
    found.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return found;
    after = pageInfo.endCursor;
  }
}

/** Whether this comes to be so in time. */
async function comes(question, patience) {
  for (let waited = 0; waited < patience; waited += STEP) {
    if (await question()) return true;
    await sleep(STEP);
  }
  return false;
}

async function settleTenant(world, tenant) {
  const final = { tenant };
  await comes(async () => {
    final.messages = await all(tenant.client, "messages");
    return final.messages.every(({ status }) => !UNDER_WAY.has(status));
  }, AT_REST_WITHIN);
  const heard = () => world.hooks.events.filter(({ endpoint }) => endpoint === tenant.id);
  const unheard = () => toBeTold(world.history.calls, tenant.id, final.messages).filter(({ test }) => !heard().some(test));
  await comes(() => unheard().length === 0, TOLD_WITHIN);
  final.unheard = unheard().map(({ words }) => words);
  final.hooks = heard();
  for (const list of ["messages", "logins", "users", "policyVersions"]) final[list] = await all(tenant.client, list);
  await comes(async () => (final.auditLog = await all(tenant.client, "auditLog")).every(({ hash }) => hash), TOLD_WITHIN);
  Object.assign(final, await money(tenant));
  final.last = await lastLook(world, tenant);
  // A process of its own each time: of one tenant of a run, in turn.
  if (world.tenants.indexOf(tenant) === world.schedule.seed % world.tenants.length) final.proof = await proof(world, tenant);
  return final;
}

async function money({ client }) {
  const [from, to] = [-2, 2].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const { data } = await client.ask("query($from: DateTime!, $to: DateTime!) { tenant { billing { amount { amount } } usage(from: $from, to: $to, bucket: MONTH) { channel units amount { amount } } } }", { from, to });
  return { spent: data.tenant.billing.amount.amount, usage: data.tenant.usage };
}

/** By which policy a login is decided now. */
async function lastLook(world, tenant) {
  const { data } = await tenant.client.ask("{ tenant { policy { version } } }");
  return { version: data.tenant.policy.version };
}

/** The log's export proves itself, without a connection. */
async function proof(world, { id, slug }) {
  const { lane } = world;
  const file = path.join(lane.folder, `${slug}.jsonl`);
  for (let turn = 0; ; turn += 1) {
    try {
      await rm(file, { force: true });
      await command(["export", "audit", "--tenant", id, "--format", "jsonl", "--output", file], lane.environment, lane.folder);
      break;
    } catch (error) {
      // The database may just have been killed by the next run.
      if (turn > 20) throw error;
      await sleep(500);
    }
  }
  const said = await command(["audit", "verify", file, "--keys", path.join(lane.mould.folder, "keys.json")], lane.environment, lane.folder)
    .then(() => null, (error) => error.message);
  const lines = (await readFile(file, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  await rm(file, { force: true });
  return { said, lines };
}

export async function settle(world) {
  await world.looked();
  const tenants = [];
  for (const tenant of world.tenants) tenants.push(await settleTenant(world, tenant));
  return { tenants, notes: [] };
}
