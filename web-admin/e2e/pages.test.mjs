// Every page in both themes, wide and on a phone: what axe finds, what overflows, what breaks, how often
// the API is asked; and what each role sees.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Api } from "../../tests/stories/support/api.mjs";
import { Console } from "./support/console.mjs";
import { EVERY, see, SHOTS, SIZES, wear } from "./support/look.mjs";
import { world } from "./support/world.mjs";

const PAGES = [
  "overview", "logins", "users", "requests", "requests?all=true", "policy/rollout", "policy/levels", "policy/networks", "policy/details",
  "policy/review", "policy/history", "onboarding", "rollout", "messages", "integrate", "integrate/keys", "integrate/webhooks", "integrate/sandbox",
  "integrate/settings", "billing", "audit", "team", "no-such-page",
];
const PARTNER_PAGES = [
  "tenants", "tenants?search=nowhere", "template/rollout", "template/details", "template/locks",
  "template/review", "template/tenants", "imports", "people", "no-such-page",
];

/** So many windows are looked at side by side. */
const WINDOWS = 2;
// What is too wide is so in both themes: a phone is looked at in one of them, unless for pictures.
const LOOKS = EVERY.filter(({ theme, size }) => SHOTS || theme === "light" || size.width > 500);

let server;
let browser;
let base;
let windows;

before(async () => {
  let sandbox;
  ({ server, browser, sandbox } = await world());
  const { slug, apiKey } = sandbox;
  base = `/t/${slug}`;
  const api = new Api(server.facts.graphql, apiKey);
  const login = await api.evaluate("luis.ortega", { purpose: "STEP_UP" });
  await api.must("requestTemporaryAccess", { loginId: login.id, note: "My phone fell into the lake" }, "request { id }");
  await api.must("startChallenge", { loginId: login.id, methodId: login.methods[0].id }, "challenge { id }");
  windows = await signedIn();
});

/** Windows of one person. */
async function signedIn(role) {
  const opened = [];
  for (let count = 0; count < WINDOWS; count += 1) {
    opened.push(await Console.open(browser, server));
    await opened[count].signIn(role);
  }
  return opened;
}

/** What to do to see a page that has no address of its own, or one that only another page knows. */
const STEPS = {
  async user(console) {
    await console.go(`${base}/users?search=Luis`);
    await console.follow("Luis Ortega");
    await console.reads("What happened");
  },
  async issue(console) {
    await STEPS.user(console);
    await console.press("Temporary access");
    await console.page.getByRole("dialog").waitFor();
  },
  async login(console) {
    await console.go(`${base}/logins`);
    await console.page.locator("td a").first().click();
    await console.page.getByRole("dialog").waitFor();
  },
};

const WITHOUT_ADDRESS = new Set(["issue", "login"]);

/** How often a page asks to draw itself; looking again whether somebody waits is no part of that. */
async function asksOf(console, place) {
  console.asked.length = 0;
  await console.go(place);
  await console.settled();
  return new Set(console.asked).size;
}

/** Each page, by whichever window is free, and in each look without being loaded anew. */
function everyPage(t, free, pages, begin) {
  return Promise.all(pages.map((name) => t.test(name, async () => {
    const console = free.pop();
    try {
      await wear(console, LOOKS[0]);
      await STEPS[name]?.(console);
      const place = STEPS[name] ? console.place : `${begin}/${name}`;
      if (!WITHOUT_ADDRESS.has(name)) assert.ok((await asksOf(console, place)) <= 3, `${name} asks too often`);
      await console.settled();
      for (const sight of LOOKS) {
        await wear(console, sight);
        await see(console, begin.startsWith("/partner") ? `partner-${name}` : name, sight);
      }
    } finally {
      free.push(console);
    }
  })));
}

test("every page of a tenant is accessible and whole", { concurrency: WINDOWS }, (t) => everyPage(t, [...windows], [...PAGES, ...Object.keys(STEPS)], base));

test("every page of a partner is accessible and whole", { concurrency: WINDOWS }, async (t) => {
  const partners = await signedIn("PARTNER");
  windows.push(...partners);
  await everyPage(t, [...partners], PARTNER_PAGES, `/partner/${server.facts.partner.id}`);
});

test("nothing broke on any of them, and the content policy stopped nothing", () => {
  assert.deepEqual(windows.flatMap(({ complaints }) => complaints), []);
});

/** What stands instead of a page when its question comes to this. */
const ENDS = { INTERNAL: "Something went wrong on our side", FORBIDDEN: "Your role does not include this" };

test("a page whose question fails says what is the matter, and one whose answer takes long says that it is coming", { concurrency: WINDOWS }, async (t) => {
  const free = await signedIn();
  // The others ask nothing of their own.
  const pages = PAGES.filter((name) => !["integrate", "no-such-page"].includes(name));
  await Promise.all(Object.entries(ENDS).map(([code, words]) => t.test(code, async () => {
    const { page, ...inside } = free.pop();
    let answer;
    await page.route("**/graphql", async (route) => {
      await answer;
      await route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify({ data: null, errors: [{ message: "no", extensions: { code } }] }) });
    });
    for (const name of pages) {
      let release;
      answer = new Promise((resolve) => { release = resolve; });
      await page.goto(`${base}/${name}`);
      await page.getByRole("main").getByRole("status", { name: "Loading" }).first().waitFor();
      release();
      await page.getByRole("main").getByText(words).first().waitFor();
    }
    await see({ page }, `state ${code}`, LOOKS[0]);
    assert.deepEqual(inside.complaints, []);
  })));
});

test("the pages before the door", async (t) => {
  const visitor = await Console.open(browser, server);
  t.after(() => visitor.close());
  for (const place of ["/sign-in", "/sign-in?why=idle", "/invitation#link_x"]) {
    await visitor.go(place);
    await visitor.settled();
    for (const sight of EVERY) {
      await wear(visitor, sight);
      await see(visitor, place.slice(1), sight);
    }
  }
  assert.deepEqual(visitor.complaints, []);
});

test("the keyboard alone suffices: past the rail, along the tabs, into a dialog and out of it", async () => {
  const [console] = windows;
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

test("a role sees what it may do, and nothing else", { concurrency: WINDOWS }, (t) => Promise.all(Object.entries(SEEN).map(([role, names]) =>
  t.test(role, async (t) => {
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
        const deeds = page.getByRole("main").getByRole("button", { name: /Invite|Add|Make|Let in|Decline|Change|Choose|Revoke|Remove|More about/ });
        assert.equal(await deeds.count(), 0, place);
      }
    }
    assert.deepEqual(inside.complaints, []);
  }))));

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
