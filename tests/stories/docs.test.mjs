// The documents at /docs in a real browser: for axe in both themes, for narrow screens, without scripts, and for people
// to look at (POSTERN_SHOTS: a folder). That their links lead somewhere is tested in the crate that draws them.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";

import { Server } from "./support/server.mjs";
import { launch, PATIENCE_MS } from "./support/site.mjs";

const SHOTS = process.env.POSTERN_SHOTS;
const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
/** One of each kind: a list, a long text, tables, code, text as it stands, and the schema's. */
const PAGES = ["", "/integrators", "/configuration", "/webhooks", "/authorization-matrix", "/assurance", "/readme", "/schema", "/schema/Mutation", "/schema/AdminRole", "/nothing"];

let server;
let browser;

before(async () => {
  server = await Server.start({ POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "6000", POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "6000" });
  browser = await launch();
  if (SHOTS) await mkdir(SHOTS, { recursive: true });
}, { timeout: 180_000 });
after(async () => {
  await browser?.close();
  await server?.stop();
});

const address = (page) => `${server.facts.url}/docs${page}`;

/** A page in a tab of its own, and what it complains of. */
async function opened(page) {
  // axe is a script of ours: the page's own policy would not let it in. That policy is a test of its own.
  const context = await browser.newContext({ viewport: SIZES.desk, bypassCSP: true, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  const tab = await context.newPage();
  const complaints = [];
  tab.on("console", (message) => message.type() === "error" && !/404/.test(message.text()) && complaints.push(message.text()));
  tab.on("request", (request) => new URL(request.url()).origin === server.facts.url || complaints.push(`asks ${request.url()}`));
  await tab.goto(address(page));
  return { context, tab, complaints };
}

/** All of axe's rules in the light, and what is about colours in the dark. */
async function violations(tab, colorScheme) {
  await tab.emulateMedia({ colorScheme });
  const axe = new AxeBuilder({ page: tab }).setLegacyMode(true);
  const found = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
  return found.violations.map(({ id, nodes }) => `${colorScheme}: ${id} at ${nodes.slice(0, 3).map((node) => node.target).join("; ")}`);
}

async function tooWide(tab, name) {
  await tab.setViewportSize(SIZES[name]);
  const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over > 0 ? [`${over} pixels wider than a ${name}`] : [];
}

async function pictures(tab, page, colorScheme) {
  for (const [name, size] of Object.entries(SIZES)) {
    await tab.setViewportSize(size);
    await tab.screenshot({ path: path.join(SHOTS, `docs-${page.slice(1).replace("/", "-") || "first"}-${name}-${colorScheme}.png`) });
  }
}

for (const page of PAGES) {
  test(`/docs${page} is fit for everybody, on a desk and on a phone, in the light and in the dark`, { timeout: 240_000 }, async () => {
    const { context, tab, complaints } = await opened(page);
    for (const colorScheme of ["light", "dark"]) {
      complaints.push(...(await violations(tab, colorScheme)));
      if (SHOTS) await pictures(tab, page, colorScheme);
    }
    for (const name of Object.keys(SIZES)) complaints.push(...(await tooWide(tab, name)));
    await context.close();
    assert.deepEqual(complaints, []);
  });
}

test("they are read without scripts, by links alone", { timeout: 240_000 }, async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(PATIENCE_MS);
  const tab = await context.newPage();
  await tab.goto(address(""));
  await tab.locator("main a", { hasText: "Integrator's guide" }).click();
  await tab.locator("main a", { hasText: "the schema" }).first().click();
  await tab.locator("main a", { hasText: "Mutations" }).first().click();
  assert.equal(await tab.locator("h1").textContent(), "Mutations");
  assert.equal(await tab.locator("nav [aria-current=page]").count(), 0);
  await tab.locator("nav a", { hasText: /^Errors$/ }).click();
  assert.equal(await tab.locator("nav [aria-current=page]").textContent(), "Errors");
  await context.close();
});

test("nothing on them runs, and nobody frames them", async () => {
  const response = await fetch(address("/errors"));
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'/);
  assert.doesNotMatch(await response.text(), /<script|<style| style=/);
  assert.equal((await fetch(address("/nothing"))).status, 404);
  const moved = await fetch(address("/"), { redirect: "manual" });
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/docs"]);
});
