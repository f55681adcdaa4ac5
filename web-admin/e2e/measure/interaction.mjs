// How long the console takes from a key or a click to the next thing drawn, in a firm of 10,000 users with 1,000,000 logins; and
// what page 1 and page 10,000 of its lists take. No test: it measures, and keeps what it found in load-tests/results/interaction.md.
//
// Needs psql and a postern (POSTERN_BIN, optimised for figures that count), which it starts with a folder of its own. ROUNDS: 3.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { Server } from "../../../tests/stories/support/server.mjs";
import { Console, launch } from "../support/console.mjs";

const GOAL_MS = 200;
/** Shorter ones are not told of. */
const LEAST_MS = 16;
const PAGE = 25;
const DEEP = 10_000;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const RESULTS = new URL("../../../load-tests/results/interaction.md", import.meta.url);

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A question to the server's own database, as its superuser. */
async function sql(server, ...args) {
  const folder = path.join(server.folder, "postgres");
  const [, , , port, sockets] = (await readFile(path.join(folder, "data/postmaster.pid"), "utf8")).split("\n");
  const env = { ...process.env, PGPASSWORD: (await readFile(path.join(folder, "superuser-password"), "utf8")).trim() };
  const where = ["-h", sockets, "-p", port, "-U", "postgres", "-d", "postern"];
  const { stdout } = await promisify(execFile)("psql", ["-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", ...where, ...args], { env, maxBuffer: 1 << 24 });
  return stdout.trim();
}

/** Every key and click that the page was told of, with the time until the frame that shows what came of it. */
const LISTENER = () => {
  window.interactions = [];
  const note = (list) => window.interactions.push(...list.getEntries().filter((entry) => entry.interactionId).map(({ name, duration, interactionId }) => ({ name, duration, interactionId })));
  new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16, buffered: true });
};

class Measured {
  found = new Map();

  constructor(console) {
    this.console = console;
    this.page = console.page;
  }

  /** What somebody does, and the longest that one of its interactions took. */
  async step(name, act) {
    await this.page.evaluate(() => { window.interactions.length = 0; });
    await act(this.page);
    await this.console.settled();
    const told = await this.page.evaluate(() => new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(() => resolve(window.interactions), 200));
    }));
    const took = told.reduce((most, { duration }) => Math.max(most, duration), 0);
    this.found.set(name, [...(this.found.get(name) ?? []), took]);
  }
}

/** Chooses something in one of Mantine's selects. */
const choose = (label, option) => async (page) => {
  await page.getByRole("combobox", { name: label, exact: true }).or(page.getByRole("textbox", { name: label, exact: true })).first().click();
  await page.getByRole("option", { name: option, exact: true }).click();
};
const type = (label, words) => async (page) => { await page.getByLabel(label).first().click(); await page.keyboard.type(words, { delay: 60 }); };
const press = (name) => (page) => page.getByRole("button", { name }).first().click();
const follow = (name) => (page) => page.getByRole("link", { name }).first().click();
const escape = (page) => page.keyboard.press("Escape");

/** What is done on each page, in this order; the names are the table's. */
const WALK = [
  ["overview", [
    ["other span", (page) => page.getByText("7 days", { exact: true }).click()],
    ["longest span", (page) => page.getByText("90 days", { exact: true }).click()],
    ["to the users", follow("Users")],
  ]],
  ["users", [
    ["search by name, key by key", type("Find somebody", "Grace Moreau")],
    ["clear it", async (page) => { await page.keyboard.press("Control+A"); await page.keyboard.press("Delete"); }],
    ["choose a kind", choose("Kind", "Staff")],
    ["next page", follow("Next page")],
    ["next page again", follow("Next page")],
    ["open a person", (page) => page.locator("tbody a").first().click()],
    ["open one of the logins", (page) => page.getByRole("main").locator("a", { has: page.locator("time") }).first().click()],
    ["close it", escape],
    ["issue a code: the dialog", press("Temporary access")],
    ["write why", (page) => page.keyboard.type("Lost her phone", { delay: 60 })],
    ["close it again", escape],
  ]],
  ["logins", [
    ["open one", (page) => page.locator("tbody a").first().click()],
    ["close it", escape],
    ["choose a decision", choose("Decision", "Asked")],
    ["older", follow("Older")],
    ["older again", follow("Older")],
  ]],
  ["messages", [["open one", (page) => page.locator("tbody a").first().click()], ["close it", escape], ["older", follow("Older")]]],
  ["audit", [
    ["who", (page) => page.locator("tbody a").first().click()],
    ["all again", press("Clear")],
    ["choose what", choose("What", "Changed a user")],
    ["older", follow("Older")],
  ]],
  ["policy/rollout", [
    ["mandatory from a date", (page) => page.getByRole("radio", { name: "From a date on" }).last().click()],
    ["drag by keys", async (page) => {
      await page.getByRole("slider", { name: "Day from which it is mandatory" }).first().focus();
      for (let count = 0; count < 10; count += 1) await page.keyboard.press("ArrowRight");
    }],
    ["to levels and channels", follow("Levels and channels")],
    ["High for staff", (page) => page.getByRole("region", { name: "Level for Staff" }).getByRole("radio", { name: "High" }).click()],
    ["to the review", follow("Review and publish")],
    ["to the history", follow("History")],
  ]],
];

async function walk(measured, base) {
  for (const [place, steps] of WALK) {
    await measured.console.go(`${base}/${place}`);
    await measured.console.settled();
    for (const [name, act] of steps) await measured.step(`${place}: ${name}`, act);
  }
}

/** Lists by pages: what leads to the deep one, and how it is asked for. */
const LISTS = {
  logins: { table: "login", id: "login_id", from: "logins", operation: "query Logins" },
  messages: { table: "message", id: "message_id", from: "messages", operation: "query Messages" },
  audit: { table: "audit_entry", id: "entry_id", from: "auditLog", operation: "query Audit" },
};

/** The cursor behind which the deep page begins: identifiers are told by the API as they are stored, in base32. */
async function cursorOf(server, { table, id }, tenant, prefix) {
  const uuid = await sql(server, "-c", `select ${id} from ${table} where tenant_id = '${tenant}' order by month desc, ${id} desc offset ${PAGE * (DEEP - 1) - 1} limit 1`);
  return Buffer.from(`${prefix}_${base32(Buffer.from(uuid.replaceAll("-", ""), "hex"))}`).toString("base64url");
}

/** Crockford's alphabet, as the API's identifiers have it. */
const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.match(/.{1,5}/g).map((five) => LETTERS[parseInt(five.padEnd(5, "0"), 2)]).join("");
}

/** How long the list's question takes as the browser sees it, and the page from its address to its rows. */
async function open({ page }, place, operation) {
  const answered = page.waitForResponse((response) => response.request().postData()?.includes(operation) ?? false);
  const begun = performance.now();
  await page.goto(place);
  const response = await answered;
  await page.locator("tbody tr").first().waitFor();
  const drawn = performance.now() - begun;
  await response.finished();
  const { requestStart, responseEnd } = response.request().timing();
  return { asked: responseEnd - requestStart, drawn };
}

async function lists(server, console, base, tenant) {
  const rows = [];
  for (const [place, list] of Object.entries(LISTS)) {
    const { data } = await console.page.evaluate(async ([from, tenant]) => (await fetch("/graphql", {
      method: "POST", headers: { "content-type": "application/json", "x-postern-csrf": "1", "x-postern-tenant": tenant },
      body: JSON.stringify({ query: `{ tenant { ${from}(first: 1) { edges { node { id } } } } }` }),
    })).json(), [list.from, tenant.id]);
    const prefix = data.tenant[list.from].edges[0].node.id.split("_")[0];
    const deep = `${base}/${place}?after=${await cursorOf(server, list, tenant.uuid, prefix)}`;
    const [first, far] = [[], []];
    for (let round = 0; round < 7; round += 1) {
      first.push(await open(console, `${base}/${place}`, list.operation));
      far.push(await open(console, deep, list.operation));
    }
    const of = (opened, what) => median(opened.map((one) => one[what]));
    rows.push([place, of(first, "asked"), of(far, "asked"), of(first, "drawn"), of(far, "drawn")]);
  }
  return rows;
}

function table(found, rows, { build }) {
  const shown = (ms) => (ms < LEAST_MS ? `under ${LEAST_MS}` : String(Math.round(ms)));
  const interactions = [...found].map(([name, took]) => `| ${name} | ${shown(median(took))} | ${shown(Math.max(...took))} | ${Math.max(...took) < GOAL_MS ? "yes" : "**no**"} |`);
  const pages = rows.map(([place, ...ms]) => `| ${place} | ${ms.map((value) => value.toFixed(0)).join(" | ")} | ${(ms[1] / ms[0]).toFixed(2)} |`);
  return `# From a key or a click to the next frame

10,000 users, 1,000,000 logins in thirty days, 260,000 messages and entries of the log; ${ROUNDS === 1 ? "1 round" : `${ROUNDS} rounds`}, everything on one machine of ${os.cpus().length}
processors; ${build}. The browser tells it by its Event Timing API, in steps of 8 ms: of each step the longest of its interactions.
\`npm --prefix web-admin run measure:interaction\` makes this page.

| what is done | median, ms | longest, ms | under ${GOAL_MS} ms |
|---|---|---|---|
${interactions.join("\n")}

## Page 1 and page ${DEEP.toLocaleString("en")}

| list | its question, page 1, ms | page ${DEEP.toLocaleString("en")} | from the address to its rows, page 1, ms | page ${DEEP.toLocaleString("en")} | question: deep / first |
|---|---|---|---|---|---|
${pages.join("\n")}
`;
}

const server = await Server.start({ POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "6000", POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "6000" });
const browser = await launch();
try {
  const sandbox = server.facts.tenants.find(({ environment }) => environment === "SANDBOX");
  const uuid = await sql(server, "-c", `select tenant_id from tenant where slug = '${sandbox.slug}'`);
  console.error("filling");
  await sql(server, "-v", `tenant=${uuid}`, "-f", new URL("crowd.sql", import.meta.url).pathname);
  const window = await Console.open(browser, server);
  await window.context.addInitScript(LISTENER);
  await window.signIn();
  const base = `/t/${sandbox.slug}`;
  const measured = new Measured(window);
  for (let round = 1; round <= ROUNDS; round += 1) {
    console.error(`round ${round} of ${ROUNDS}`);
    await walk(measured, base);
  }
  const rows = await lists(server, window, base, { ...sandbox, uuid });
  const build = process.env.POSTERN_BUILD_NAME ?? "a server that is not optimised";
  const page = table(measured.found, rows, { build });
  await writeFile(RESULTS, page);
  console.log(page);
  if (window.complaints.length > 0) throw new Error(window.complaints.join("\n"));
} finally {
  await browser.close();
  await server.stop();
}
