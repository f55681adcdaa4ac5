// Every page in both themes, wide and on a phone: what axe finds, what overflows, what breaks, how often
// the API is asked; and what each role sees.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { Api } from "../../tests/stories/support/api.mjs";
import { Server } from "../../tests/stories/support/server.mjs";
import { Console, launch } from "./support/console.mjs";

const THEMES = ["light", "dark"];
const SIZES = [{ width: 1280, height: 900 }, { width: 390, height: 844 }];
const PAGES = [
  "overview", "logins", "users", "requests", "requests?all=true", "policy/rollout", "policy/levels", "policy/networks", "policy/details",
  "policy/review", "policy/history", "onboarding", "rollout", "messages", "integrate", "integrate/keys", "integrate/webhooks", "integrate/sandbox",
  "integrate/settings", "billing", "audit", "team", "no-such-page",
];
/** Where screenshots go, if anywhere. */
const SHOTS = process.env.POSTERN_SHOTS;

let server;
let browser;
let console;
let base;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const { slug, apiKey } = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  base = `/t/${slug}`;
  const api = new Api(server.facts.graphql, apiKey);
  const login = await api.evaluate("luis.ortega", { purpose: "STEP_UP" });
  await api.must("requestTemporaryAccess", { loginId: login.id, note: "My phone fell into the lake" }, "request { id }");
  await api.must("startChallenge", { loginId: login.id, methodId: login.methods[0].id }, "challenge { id }");
  console = await Console.open(browser, server);
  await console.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function look(name, theme, size) {
  const { page } = console;
  await console.settled();
  // Looking again whether somebody waits is no part of drawing a page.
  const asked = new Set(console.asked).size;
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: path.join(SHOTS, `${name.replace(/\W+/g, "-")}-${theme}-${size.width}.png`), fullPage: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than a window of ${size.width}`);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`);
  assert.deepEqual(found, [], `${name}, ${theme}, ${size.width} px`);
  return asked;
}

for (const theme of THEMES) {
  // What is too wide is so in both themes; a phone is looked at in one of them, unless for pictures.
  for (const size of SIZES.filter(({ width }) => SHOTS || theme === "light" || width > 500)) {
    test(`every page is accessible and whole: ${theme}, ${size.width} px`, async (t) => {
      await console.page.emulateMedia({ colorScheme: theme });
      await console.page.setViewportSize(size);
      for (const name of PAGES) {
        await t.test(name, async () => {
          console.asked.length = 0;
          await console.go(`${base}/${name}`);
          const asked = await look(name, theme, size);
          assert.ok(asked <= 3, `${name} asked ${asked} times`);
        });
      }
      await t.test("one user", async () => {
        await console.go(`${base}/users?search=Luis`);
        await console.follow("Luis Ortega");
        await console.reads("What happened");
        await look("user", theme, size);
        await console.press("Temporary access");
        await console.page.getByRole("dialog").waitFor();
        await look("issue", theme, size);
        await console.page.keyboard.press("Escape");
      });
      await t.test("one login", async () => {
        await console.go(`${base}/logins`);
        await console.page.locator("td a").first().click();
        await console.page.getByRole("dialog").waitFor();
        await look("login", theme, size);
      });
    });
  }
}

test("nothing broke on any of them, and the content policy stopped nothing", () => {
  assert.deepEqual(console.complaints, []);
});

test("the pages before the door", async (t) => {
  const visitor = await Console.open(browser, server);
  t.after(() => visitor.close());
  const inside = console;
  console = visitor;
  try {
    for (const theme of THEMES) {
      for (const size of SIZES) {
        await visitor.page.emulateMedia({ colorScheme: theme });
        await visitor.page.setViewportSize(size);
        for (const place of ["/sign-in", "/sign-in?why=idle", "/invitation#link_x"]) {
          await visitor.go(place);
          await look(place.slice(1), theme, size);
        }
      }
    }
    assert.deepEqual(visitor.complaints, []);
  } finally {
    console = inside;
  }
});

test("the keyboard alone suffices: past the rail, along the tabs, into a dialog and out of it", async () => {
  const { page } = console;
  await page.setViewportSize(SIZES[0]);
  await console.go(`${base}/policy/rollout`);
  await console.settled();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the page");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Rollout");
  const edge = page.getByRole("slider", { name: "Day from which it is mandatory" }).first();
  await edge.focus();
  const before = await edge.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("PageUp");
  assert.notEqual(await edge.getAttribute("aria-valuetext"), before);
  await console.reads("1 change, not published");
  await page.getByRole("button", { name: "Discard" }).press("Enter");
  await console.go(`${base}/team`);
  await page.getByRole("button", { name: "Invite somebody" }).press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "email");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Invite somebody");
});

const SEEN = {
  ADMIN: ["Overview", "Logins", "Messages", "Users", "Requests", "Policy", "Onboarding", "Rollout", "Integrate", "Team", "Audit log"],
  SUPPORT: ["Overview", "Logins", "Messages", "Users", "Requests", "Policy", "Rollout"],
  ADVISOR: ["Overview", "Logins", "Messages", "Users", "Requests", "Policy", "Rollout"],
  BILLING: ["Billing"],
  AUDITOR: ["Overview", "Logins", "Messages", "Users", "Requests", "Policy", "Onboarding", "Rollout", "Integrate", "Billing", "Team", "Audit log"],
};

for (const [role, names] of Object.entries(SEEN)) {
  test(`${role} sees what the role may do, and nothing else`, async (t) => {
    const inside = await Console.open(browser, server);
    t.after(() => inside.close());
    const { page } = inside;
    await inside.signIn(role);
    const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    await links.first().waitFor();
    assert.deepEqual((await links.allTextContents()).map((text) => text.replace(/\d+$/, "")), names);
    const forbidden = role === "AUDITOR" ? undefined : role === "BILLING" ? "users" : "billing";
    if (forbidden) {
      inside.asked.length = 0;
      await inside.go(`${base}/${forbidden}`);
      await inside.reads("Your role does not include this");
      assert.ok(new Set(inside.asked).size <= 2, "the API is not asked in vain");
    }
    if (role === "AUDITOR") {
      for (const place of ["team", "users", "integrate/keys", "integrate/webhooks", "requests", "billing"]) {
        await inside.go(`${base}/${place}`);
        await inside.settled();
        const deeds = page.getByRole("main").getByRole("button", { name: /Invite|Add|Make|Let in|Decline|Change|Choose|Revoke|Remove/ });
        assert.equal(await deeds.count(), 0, place);
      }
    }
    assert.deepEqual(inside.complaints, []);
  });
}

test("files are kept for ever, pages never, and no address of the API answers with a page", async () => {
  const { url } = server.facts;
  const page = await fetch(`${url}/t/anything/at/all`, { headers: { accept: "text/html" } });
  const html = await page.text();
  assert.equal(page.headers.get("cache-control"), "no-store");
  const policy = page.headers.get("content-security-policy");
  assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
  const nonce = /nonce-([\w-]+)/.exec(policy)[1];
  assert.ok(html.includes(`nonce="${nonce}"`) && !html.includes("{{nonce}}"));
  const again = await (await fetch(`${url}/`)).text();
  assert.ok(!again.includes(nonce), "each page has its own nonce");

  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)[1];
  const file = await fetch(`${url}${script}`, { headers: { "accept-encoding": "br" } });
  assert.equal(file.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(file.headers.get("content-encoding"), "br");
  assert.equal(file.headers.get("vary"), "accept-encoding");
  assert.match(file.headers.get("content-type"), /^text\/javascript/);
  for (const place of ["/assets/none.js", `${script}.br`, "/assets/..%2f..%2fpackage.json", "/index.html", "/graphql/x", "/auth/nothing", "/users", "/.vite/manifest.json"]) {
    const answer = await fetch(`${url}${place}`);
    assert.equal(answer.status, 404, place);
    assert.ok(!(await answer.text()).includes("<html"), place);
  }
  assert.equal((await fetch(`${url}/graphql`)).status, 405);
});
