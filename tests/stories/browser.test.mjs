// The demo website in a real browser: the stories, clicked through as a person would, with the codes
// from the sandbox inbox, and the dates by moving the sandbox's clock.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Api } from "./support/api.mjs";
import { enrolled } from "./support/people.mjs";
import { Server } from "./support/server.mjs";
import { Site } from "./support/site.mjs";

const OFFICE = "192.0.2.10";
const HOME = "198.51.100.20";
const LONDON = "203.0.113.30";
const MINNEAPOLIS = OFFICE;
const IN = /\/(welcome|account)/;
const DAY = 24 * 60;

let server;
let site;
let page;
let api;

before(async () => {
  server = await Server.start();
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  site = await Site.open(server, api);
  page = site.page;
});
after(async () => {
  await site?.close();
  await server?.stop();
});

/** A client of the site with a phone that works. */
async function clientWithPhone(displayName, where) {
  const user = await site.becomeClient(displayName);
  await site.signIn(user, where);
  return { ...user, mobile: await site.enrollPhone() };
}

test("S1: a client signs in for the first time, enrolls a mobile with the code that came, and is in", async () => {
  const user = server.facts.demo.users[0];
  await site.signIn(user);
  assert.equal(site.path, "/enroll");
  await site.enrollPhone();
  assert.equal(site.path, "/welcome");
  const { user: stored } = await api.query("query($ref: UserRef!) { user(ref: $ref) { enrollment } }", { ref: { externalId: user.externalId } });
  assert.equal(stored.enrollment, "ENROLLED");
});

test("S1: then she adds a recovery phone and backup codes, and finds them in her settings", async () => {
  await site.follow("Add a recovery phone");
  await site.enrollPhone();
  await site.press("Make backup codes");
  assert.equal(await page.locator("ol.codes li").count(), 10);
  await site.follow("I have put them away");
  await site.go("/settings");
  const settings = await site.text();
  for (const factor of ["Primary phone", "Recovery phone", "Backup codes"]) assert.ok(settings.includes(factor), factor);
});

test("S4: the next sign-in asks for a code, a wrong one is told, the right one lets in", async () => {
  await site.publish("High for everybody");
  await site.signIn(server.facts.demo.users[0]);
  assert.equal(site.path, "/verify");
  const code = await site.codeAfter(() => site.press(/^Text a code to/));
  await site.enterCode(code === "000000" ? "000001" : "000000");
  await site.reads("4 tries left");
  await site.enterCode(code);
  await site.arrives(IN);
});

test("S4: after five wrong codes the page ends, and the right code lets nobody in", async () => {
  const user = await clientWithPhone("Five Times");
  await site.signIn(user);
  const code = await site.codeAfter(() => site.press(/^Text a code to/));
  const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].filter((one) => one !== code);
  for (const guess of wrong.slice(0, 5)) await site.enterCode(guess);
  await site.reads("Too many wrong codes");
  await site.go("/account");
  assert.equal(site.path, "/sign-in");
});

test("S8: a client who lost the phone asks the advisor, whose code lets her in", async () => {
  const user = server.facts.demo.users[1];
  await enrolled(api, user.externalId);
  await site.signIn(user);
  await site.follow("More options");
  await page.getByLabel(/note for your advisor/).fill("It fell into the lake.");
  await site.press("Ask my advisor");
  await site.arrives(/waiting/);
  const desk = await site.context.newPage();
  await desk.goto("/advisor");
  await desk.getByText("It fell into the lake.").waitFor();
  await desk.getByLabel(/How did you make sure/).fill("called back");
  await desk.getByRole("button", { name: "Approve and show the code" }).click();
  const code = await desk.locator(".reveal code").innerText();
  await desk.close();
  await site.reads("Your advisor has answered");
  await site.press("Enter the code");
  await site.enterCode(code);
  await site.arrives("/settings");
});

test("S2: while it is optional a client sees the deadline, skips, and is in", async () => {
  await site.publish("Optional for 30 days");
  const user = await site.becomeClient("Skip Perhaps");
  await site.signIn(user);
  assert.equal(site.path, "/enroll");
  const deadline = new Date((await api.clock()).getTime() + 30 * DAY * 60_000);
  const { tenant } = await api.query("{ tenant { timeZone } }");
  const date = new Intl.DateTimeFormat("en-US", { timeZone: tenant.timeZone, year: "numeric", month: "long", day: "numeric" }).format(deadline);
  await site.reads(date);
  await site.press("Skip for now");
  await site.arrives(IN);
});

test("S3: on the date the page that still offers it cannot skip any more, nor can anybody opt out", async () => {
  await site.publish("Optional for 30 days");
  const user = await site.becomeClient("Late Comer");
  await site.moveClock(30 * DAY - 5);
  await site.signIn(user);
  assert.equal(await site.buttons("Skip for now"), 1);
  await site.moveClock(6);
  await site.press("Skip for now");
  await site.reads("This is now required");
  assert.equal(await site.buttons("Skip for now"), 0);
  await site.go("/account");
  assert.equal(site.path, "/sign-in", "she is not in");

  await site.signIn(user);
  await site.enrollPhone();
  await site.go("/settings");
  await site.press("Turn it off");
  await page.getByRole("alert").waitFor();
  const { user: stored } = await api.query("query($ref: UserRef!) { user(ref: $ref) { enrollment } }", { ref: { externalId: user.externalId } });
  assert.equal(stored.enrollment, "ENROLLED");
});

/** Whether the account page says so, and all of this. */
async function explains(...words) {
  await site.arrives("/account");
  const text = await site.text();
  for (const word of words) assert.ok(text.includes(word), `${word} in: ${text}`);
}

test("S5: at home nobody is asked; minutes later, from across the country, one is; next morning at home one is not", async () => {
  await site.publish("Required now");
  const user = await clientWithPhone("Home Body", { from: MINNEAPOLIS });
  await site.signIn(user, { from: MINNEAPOLIS });
  await explains("Why you were not asked for a code", "Minneapolis, United States", "LOW_RISK", "0 of 100", "postern:1fa");

  await site.moveClock(12);
  await site.signIn(user, { from: HOME });
  assert.equal(site.path, "/verify", "asked in San Francisco");
  await site.reads("Something about this sign-in is unusual.");
  await site.moveClock(18 * 60);
  await site.signIn(user, { from: MINNEAPOLIS });
  await explains("Why you were not asked for a code", "postern:1fa");

  await site.moveClock(12);
  await site.signIn(user, { from: HOME });
  await site.proveByText();
  await explains("Why you were asked for a code", "San Francisco", "RISK_DETECTED", "2,540 km from the last login 12 minutes ago", "IMPOSSIBLE_TRAVEL", "postern:2fa");
  await site.signIn(user, { from: "203.0.113.200" });
  assert.equal(site.path, "/verify", "asked behind Tor");
  await site.signIn(user, { from: "10.0.0.5" });
  assert.equal(site.path, "/verify", "asked where no map helps");
  await site.signIn(user, { from: "real" });
  assert.equal(site.path, "/verify", "and so at this machine's own address");
});

test("S5: the advisor finds the client, and sees what happened and why", async () => {
  await site.go("/advisor?search=Home+Body");
  await site.follow("Home Body");
  const logins = page.locator("ol.logins > li");
  assert.equal(await logins.count(), 8);
  const newest = await logins.first().innerText();
  assert.match(newest, /asked\s+not completed[^]*An unknown place (127\.0\.0\.1|::1)/);
  const proved = logins.filter({ hasText: "San Francisco" }).first();
  await proved.locator("summary").click();
  await proved.getByText("2,540 km from the last login 12 minutes ago").waitFor();
  assert.match(await logins.filter({ hasText: "LOW_RISK" }).first().innerText(), /not asked/);
});

test("a client trusts the device while enrolling, finds it in the settings, and forgets it", async () => {
  await site.publish("Devices of clients are trusted");
  const user = await site.becomeClient("Trusting Client");
  await site.signIn(user, { from: MINNEAPOLIS });
  await site.enrollPhone({ trust: true });
  const kept = (await site.context.cookies()).find((cookie) => cookie.name.startsWith("hl_device_"));
  assert.deepEqual([kept.httpOnly, kept.sameSite], [true, "Lax"]);
  // Another kind of device, were it not for the token.
  await site.signIn(user, { from: MINNEAPOLIS, on: "phone", sameBrowser: true });
  await explains("TRUSTED_DEVICE", "0 of 100", "Nothing was unusual.");
  await site.signIn(user, { from: MINNEAPOLIS, on: "computer" });
  await explains("LOW_RISK", "30 of 100", "NEW_DEVICE");

  await site.signIn(user, { from: HOME, sameBrowser: true });
  await site.proveByText({ trust: true });
  await site.go("/settings");
  assert.equal(await site.buttons(/^Forget$/), 2);
  await site.press(/^Forget$/);
  await site.reads("That device is not trusted any more.");
  assert.equal(await site.buttons(/^Forget$/), 1);
  await site.press("Forget all");
  await site.reads("No device of yours is trusted any more.");
  assert.equal(await site.buttons(/^Forget/), 0);
  assert.equal((await site.context.cookies()).some((cookie) => cookie.name.startsWith("hl_device_")), false);
  await site.signIn(user, { from: HOME, sameBrowser: true });
  await explains("LOW_RISK");
});

test("where the policy trusts no devices of clients, the page says so and offers nothing", async () => {
  const user = await clientWithPhone("Guest Client", { from: MINNEAPOLIS });
  await site.publish("Required now");
  await site.signIn(user, { from: LONDON });
  await site.codeAfter(() => site.press(/^Text a code to/));
  await site.reads("This device cannot be remembered");
  assert.equal(await page.getByLabel("Trust this device").count(), 0);
});

test("S6: in the office staff pass with the password or single sign-on alone, clients never do", async () => {
  const staff = server.facts.demo.users[2];
  const client = await clientWithPhone("Visiting Client", { from: LONDON });
  await site.publish("The office network passes");
  for (const sso of [false, true]) {
    await site.signIn(staff, { from: OFFICE, sso });
    assert.equal(site.path, "/account", `sso: ${sso}`);
    await site.reads("You are in the office network.");
  }
  await site.signIn(staff, { from: HOME });
  assert.equal(site.path, "/enroll", "staff at home");
  for (const sso of [false, true]) {
    await site.signIn(client, { from: OFFICE, sso });
    assert.equal(site.path, "/verify", `a client in the office, sso: ${sso}`);
  }
});

test("S9: a one-time link from the advisor opens once, and a second factor follows", async () => {
  const user = await clientWithPhone("Counter Party");
  await site.go(`/advisor/client?id=${user.externalId}`);
  await site.press("Mail a one-time link");
  await site.reads("The link is in the mail");
  await site.context.clearCookies();
  await api.inbox((message) => message.purpose === "ONE_TIME_LINK");
  await site.go("/inbox?hold=1");
  const link = await page.getByRole("link", { name: /\/link\// }).first().getAttribute("href");

  await site.go(link);
  await site.go(link); // reading it, as mail scanners do, spends nothing
  await page.getByRole("button").click();
  await site.arrives(/link-return/);
  await site.press("Continue");
  // Nothing was chosen in this browser, so that the hosted pages ask.
  await site.arrives(/\/prompt\//);
  assert.equal((await site.context.request.get("/account", { maxRedirects: 0 })).status(), 303, "the link alone lets nobody in");
  await site.enterCode(await site.codeAfter(() => site.press(/^Text me at/)));
  await site.arrives("/account");
  assert.match(await site.text(), /ONE_TIME_LINK/);

  assert.equal((await site.go(link)).status(), 410);
});

test("S12: a client changes the phone in the settings, after a fresh proof, and the old one is told", async () => {
  const user = await clientWithPhone("New Phone");
  await site.moveClock(DAY);
  await site.go("/settings");
  await site.follow("Change my phone");
  await page.getByLabel("Phone number").fill("+14155552671");
  await page.getByLabel("How do we reach it?").selectOption("call");
  await site.press("Send me a code");
  await site.arrives(/\/settings\/prove/);
  await site.press("Go on");
  await site.arrives("/verify");
  await site.proveByText();
  assert.equal(site.path, "/factors/phone", "the proof leads back to the form");
  assert.equal(await page.getByLabel("Phone number").inputValue(), "+14155552671", "which remembers what was typed");
  const mobile = await site.enrollPhone();
  assert.equal(site.path, "/settings");
  const settings = await site.text();
  assert.ok(settings.includes(mobile.slice(-4)) && !settings.includes(user.mobile.slice(-4)), "the new number took the old one's place");
  const toTheOld = (message) => message.purpose === "SECURITY_NOTICE" && message.destination.endsWith(user.mobile.slice(-4));
  assert.match((await api.inbox(toTheOld)).sandboxBody, /phone/i);
  await site.signIn(user, { from: LONDON });
  await site.reads(mobile.slice(-4));
});

test("the inbox, the clock, the policy and the desk answer", async () => {
  for (const place of ["/", "/inbox", "/clock", "/policy", "/advisor"]) {
    const response = await site.go(place);
    assert.equal(response.status(), 200, place);
    assert.ok((await page.title()).length > 0, place);
  }
  await site.go("/inbox");
  assert.match(await site.text(), /code/i);
});

test("no page of the site is wider than a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const user = await clientWithPhone("Small Screen", { from: MINNEAPOLIS });
  await site.moveClock(5);
  await site.signIn(user, { from: LONDON });
  await site.proveByText();
  const places = ["/", "/sign-in", "/register", "/inbox?hold=1", "/clock", "/policy", "/advisor?hold=1", "/settings", "/account", `/advisor/client?id=${user.externalId}`];
  for (const place of places) {
    await site.go(place);
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, place);
  }
});
