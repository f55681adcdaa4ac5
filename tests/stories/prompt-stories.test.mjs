// The stories through the hosted prompt, as a visitor of the demo website meets it on a phone that runs no scripts: sent there
// to prove a second factor, and back when it is done. README.md here says which story is played where.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Api } from "./support/api.mjs";
import { enrolled, number } from "./support/people.mjs";
import { Server } from "./support/server.mjs";
import { Site } from "./support/site.mjs";

const IN = /\/(welcome|account)/;
const DAY = 24 * 60;

let server;
let site;
let page;
let api;
let support;

before(async () => {
  server = await Server.start({ POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "6000", POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "6000" });
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  site = await Site.open(server, api, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
  site.way = "hosted";
  page = site.page;
}, { timeout: 180_000 });
after(async () => {
  await site?.close();
  await server?.stop();
});

/** Whether the browser is at our own pages. */
const isAway = () => new URL(page.url()).pathname.startsWith("/prompt/");

async function clientAtThePrompt(displayName, where) {
  const user = await site.becomeClient(displayName);
  await site.signIn(user, where);
  assert.ok(isAway(), page.url());
  return user;
}

/** Gives a number on the prompt's page and proves it. */
async function give(label, mobile) {
  await page.getByLabel(label).fill(mobile);
  await confirm(await site.codeAfter(() => site.press("Send me a code")));
}

async function confirm(code) {
  await page.getByLabel("Code", { exact: true }).fill(code);
  await site.press("Continue");
}

/** A client who enrolled a mobile in the prompt and is in. */
async function clientWithPhone(displayName, where) {
  const user = await clientAtThePrompt(displayName, where);
  const mobile = number();
  await give("Mobile number", mobile);
  await page.getByRole("heading", { name: "Add a recovery phone" }).waitFor();
  await site.follow("Not now");
  await site.arrives(IN);
  return { ...user, mobile };
}

test("S1 and S13: a client enrolls a mobile (none from abroad), sets a recovery phone, and is let in", async () => {
  await clientAtThePrompt("First Timer");
  await page.getByLabel("Mobile number").fill("+44 7911 123456");
  await site.press("Send me a code");
  await site.reads("Numbers of this country cannot be used.");
  await give("Mobile number", number());
  await page.getByRole("heading", { name: "Add a recovery phone" }).waitFor();
  await give("Recovery phone", number());
  await site.arrives("/welcome");
  await site.go("/settings");
  const settings = await site.text();
  for (const factor of ["Primary phone", "Recovery phone"]) assert.ok(settings.includes(factor), factor);
});

test("S2: while it is optional a client sees the deadline, skips, and is in", async () => {
  await site.publish("Optional for 30 days");
  await clientAtThePrompt("Skip Perhaps");
  const deadline = new Date((await api.clock()).getTime() + 30 * DAY * 60_000);
  const { tenant } = await api.query("{ tenant { timeZone } }");
  const date = new Intl.DateTimeFormat("en-US", { timeZone: tenant.timeZone, year: "numeric", month: "long", day: "numeric" }).format(deadline);
  await site.reads(`You can put this off until ${date}.`);
  await site.press("Not now");
  await site.arrives(IN);
});

test("S3 and S15: on the date, to which the sandbox's clock was moved, the page that offered it skips no more", async () => {
  await site.publish("Optional for 30 days");
  await site.becomeClient("Late Comer").then(async (user) => {
    await site.moveClock(30 * DAY - 5);
    await site.signIn(user);
  });
  assert.equal(await site.buttons("Not now"), 1);
  await site.moveClock(6);
  await site.press("Not now");
  await site.reads("This is required from now on.");
  assert.equal(await site.buttons("Not now"), 0);
  await site.press("Cancel and go back");
  await site.arrives("/sign-in");
  await site.reads("You left before you were signed in.");
  await site.go("/account");
  assert.equal(site.path, "/sign-in", "she is not in");
});

test("S4: the code by text, by call, and by call to a recovery phone that is a landline", async () => {
  await site.publish("High for everybody");
  const user = await site.becomeClient("Many Ways");
  await site.signIn(user);
  await give("Mobile number", number());
  const landline = number();
  await page.getByLabel("Recovery phone").fill(landline);
  await page.getByLabel("This is a landline").check();
  await confirm(await site.codeAfter(() => site.press("Send me a code")));
  await site.arrives("/welcome");
  for (const way of [/^Text me at/, /^Call me at [^(]*$/, new RegExp(`^Call me at .*${landline.slice(-4)} \\(recovery phone\\)$`)]) {
    await site.signIn(user);
    assert.equal(await site.buttons(new RegExp(`^Text me at .*${landline.slice(-4)}`)), 0, "a landline is not texted");
    await confirm(await site.codeAfter(() => site.press(way)));
    await site.arrives("/account");
  }
});

test("S4: a wrong code is told, one can change one's mind, and five wrong ones end it", async () => {
  const user = await site.becomeClient("Five Times");
  await enrolled(api, user.externalId);
  await site.signIn(user);
  const code = await site.codeAfter(() => site.press(/^Text me at/));
  await confirm("000000");
  await site.reads("That code is not right.");
  await site.reads("Tries left: 4");
  await site.follow("More options");
  await page.goBack();
  await page.reload();
  for (const guess of ["111111", "222222", "333333", "444444", "555555"].filter((one) => one !== code)) {
    if ((await page.getByLabel("Code", { exact: true }).count()) > 0) await confirm(guess);
  }
  await page.getByRole("heading", { name: "You cannot sign in at the moment" }).waitFor();
  await site.press(/^Go back to/);
  await site.arrives("/sign-in");
  await site.reads("You could not be signed in this time.");
});

test("S8: a client who lost the phone asks the advisor, whose code lets her in", async () => {
  const user = await site.becomeClient("Lake Walker");
  await enrolled(api, user.externalId);
  await site.signIn(user);
  await site.follow("Ask your advisor");
  await page.getByLabel(/note for your advisor/).fill("It fell into the pond.");
  await site.press("Ask my advisor");
  await site.reads("Your advisor has been told.");
  const desk = await site.context.newPage();
  await desk.goto("/advisor");
  await desk.getByText("It fell into the pond.").waitFor();
  await desk.getByLabel(/How did you make sure/).fill("called back");
  await desk.getByRole("button", { name: "Approve and show the code" }).click();
  const code = await desk.locator(".reveal code").innerText();
  await desk.close();
  await site.reads("Your advisor has a code for you.");
  await page.getByLabel("I have a code from my advisor").or(page.getByLabel("Code from your advisor")).fill(code);
  await site.press("Continue");
  await site.arrives("/settings");
});

test("S9: a one-time link leads to the prompt, where a second factor follows, and back with a result", async () => {
  const user = await site.becomeClient("Counter Party");
  await enrolled(api, user.externalId, { email: user.email });
  const returnUrl = `${server.facts.demo.url}/healthz?a=b`;
  await support.must("sendOneTimeLink", { user: { externalId: user.externalId }, returnUrl, state: "mine", hostedPrompt: true }, "expiresAt");
  const { sandboxBody } = await api.inbox((message) => message.purpose === "ONE_TIME_LINK");
  const link = /http\S+\/link\/\S+/.exec(sandboxBody)[0];
  await page.goto(link);
  await page.goto(link); // reading it, as mail scanners do, spends nothing
  await page.getByRole("button").click();
  await page.waitForURL(/\/prompt\//);
  assert.equal(await site.buttons(/^Mail me/), 0, "the same mailbox twice is one factor");
  await confirm(await site.codeAfter(() => site.press(/^Text me at/)));
  await page.waitForURL(/healthz/);
  const back = new URL(page.url()).searchParams;
  assert.deepEqual([back.get("a"), back.get("state"), back.get("postern_login")], ["b", "mine", null]);
  const { login } = await api.must("redeemPromptResult", { result: back.get("result") }, "login { completedWith reasons user { externalId } }");
  assert.deepEqual(login, { completedWith: "SMS", reasons: ["ONE_TIME_LINK"], user: { externalId: user.externalId } });
  assert.equal((await page.goto(link)).status(), 410);
});

test("S10: a client chooses High in the settings, and is asked from then on", async () => {
  await site.publish("Required now");
  const user = await clientWithPhone("High Chooser", { from: "192.0.2.10" });
  await site.signIn(user, { from: "192.0.2.10" });
  await site.arrives("/account");
  await openSettings();
  await page.getByLabel("At every sign-in").check();
  await site.press(/^Save$/);
  await site.reads("Saved.");
  await site.press(/^Done$/);
  await site.arrives("/settings");
  await site.signIn(user, { from: "192.0.2.10" });
  assert.ok(isAway(), "asked, although nothing is unusual");
  await site.press("Cancel and go back");
});

test("S10: the advisor sets High for a client, who is asked from then on", async () => {
  const user = await clientWithPhone("High By Advice", { from: "192.0.2.10" });
  await site.signIn(user, { from: "192.0.2.10" });
  await site.arrives("/account");
  await site.go(`/advisor/client?id=${user.externalId}`);
  await site.press("Set the advisor’s level to High");
  await page.getByRole("button", { name: "Set the advisor’s level to Standard" }).waitFor();
  await site.signIn(user, { from: "192.0.2.10" });
  assert.ok(isAway(), page.url());
  await site.press("Cancel and go back");
});

/** The hosted settings, from the site's own; after a fresh proof where one is asked for. */
async function openSettings() {
  await site.go("/settings");
  await site.press("Open them there");
  await page.waitForURL(/\/prompt\//);
  if ((await site.buttons(/^Text me at/)) === 0) return;
  await confirm(await site.codeAfter(() => site.press(/^Text me at/)));
  await site.arrives("/settings");
  await site.press("Open them there");
  await page.waitForURL(/\/prompt\//);
}

test("S12: a client changes her phone after a fresh proof, and the old one is told", async () => {
  const user = await clientWithPhone("New Phone", { from: "192.0.2.10" });
  await site.moveClock(DAY);
  await openSettings();
  await site.follow("Change primary phone");
  const mobile = number();
  await give("Mobile number", mobile);
  await site.reads("Saved.");
  const settings = await site.text();
  assert.ok(settings.includes(mobile.slice(-4)) && !settings.includes(user.mobile.slice(-4)), settings);
  const toTheOld = (message) => message.purpose === "SECURITY_NOTICE" && message.destination.endsWith(user.mobile.slice(-4));
  assert.match((await api.inbox(toTheOld)).sandboxBody, /phone/i);
  await site.press(/^Done$/);
  await site.arrives("/settings");
});
