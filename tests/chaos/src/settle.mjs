// What is there once everything came to rest, as the public API, the audit log's export and `postern audit verify` tell it.

import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { toBeTold } from "./model/index.mjs";
import { command } from "./processes.mjs";

/** The longest that a message may be on its way: as long as its code holds, a lease, and a provider that takes its time. */
const AT_REST_WITHIN = 160_000;
/** By then no request is at work any more whose client gave up: the API's time limit, and a little. */
const QUIET_AFTER = 12_000;
const TOLD_WITHIN = 60_000;
const SEALED_WITHIN = 60_000;
const STEP = 1_500;
const PAGE = 100;
const LISTS = {
  messages: "id channel purpose status failure timeline { status }",
  logins: "id outcome completedAt completedWith policyVersion user { externalId }",
  users: "id externalId status factors { id status }",
  policyVersions: "version comment",
  auditLog: "id action target detail hash",
};

const part = (list, after) => `${list}(first: ${PAGE}${after ? `, after: "${after}"` : ""}) { edges { node { ${LISTS[list]} } } pageInfo { hasNextPage endCursor } }`;

/** A list of a tenant's, page by page, under its name. */
async function read(client, list) {
  const found = [];
  for (let after; ;) {
    const { edges, pageInfo } = (await client.ask(`{ tenant { ${part(list, after)} } }`)).data.tenant[list];
    found.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return { [list]: found };
    after = pageInfo.endCursor;
  }
}

const UNDER_WAY = "{ tenant { messages(first: 1, filter: { status: [QUEUED, SENDING] }) { edges { node { id } } } } }";
const atRest = async ({ client }) => (await client.ask(UNDER_WAY)).data.tenant.messages.edges.length === 0;

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
  await comes(() => atRest(tenant), AT_REST_WITHIN);
  await comes(async () => {
    // One run at a time, list by list: each takes a connection of the gateway's, which others wait for.
    await world.lane.inTurn(async () => {
      for (const list of Object.keys(LISTS)) Object.assign(final, await read(tenant.client, list));
    });
    return final.auditLog.every(({ hash }) => hash);
  }, SEALED_WITHIN);
  const heard = () => world.hooks.events.filter(({ endpoint }) => endpoint === tenant.id);
  const unheard = () => toBeTold(world.history.calls, tenant.id, final.messages).filter(({ test }) => !heard().some(test));
  await comes(() => unheard().length === 0, TOLD_WITHIN);
  Object.assign(final, { unheard: unheard().map(({ words }) => words), hooks: heard() }, await world.lane.inTurn(() => money(tenant)));
  if (isProved(world, tenant)) final.proof = await proof(world, tenant);
  return final;
}

/** An export takes two processes more: of one tenant, in every fourth run. */
const isProved = ({ schedule, tenants }, tenant) => schedule.seed % 4 === 0 && tenants.indexOf(tenant) === (schedule.seed / 4) % tenants.length;

/** What was spent, and by which policy a login is decided now. */
async function money({ client }) {
  const [from, to] = [-2, 2].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const { data } = await client.ask("query($from: DateTime!, $to: DateTime!) { tenant { policy { version } billing { amount { amount } } usage(from: $from, to: $to, bucket: MONTH) { channel units amount { amount } } } }", { from, to });
  return { spent: data.tenant.billing.amount.amount, usage: data.tenant.usage, last: data.tenant.policy };
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
  await sleep(QUIET_AFTER - (performance.now() - world.ended));
  const tenants = await Promise.all(world.tenants.map((tenant) => settleTenant(world, tenant)));
  world.forget();
  return { tenants };
}
