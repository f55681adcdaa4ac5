// The demo website in a real browser: a client enrolls, comes back with a code, asks the advisor for
// help, and follows everything in the sandbox inbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { Api } from "./support/api.mjs";
import { enrolled, number } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

let server;
let browser;
let page;
let api;
let support;

before(async () => {
  server = await Server.start();
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  await support.publish({}, { codes: { resendAfterSeconds: 15 } });
  browser = await chromium.launch({
    executablePath: process.env.POSTERN_BROWSER || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  page = await (await browser.newContext({ baseURL: server.facts.demo.url })).newPage();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Presses a button by its words. */
const press = (name) => page.getByRole("button", { name }).first().click();

async function signIn(user) {
  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByLabel("Username").fill(user.externalId);
  await page.getByLabel("Password").fill(user.password);
  await press("Sign in");
}

/** The code of the newest message that is newer than `since`. */
async function newestCode(since) {
  const message = await api.inbox((one) => one.purpose === "CODE" && one.id !== since?.id);
  return /(\d[ ,.-]*){6}/.exec(message.sandboxBody)[0].replace(/\D/g, "").slice(0, 6);
}

const latest = () => api.inbox((one) => one.purpose === "CODE").catch(() => undefined);

async function enterCode(code) {
  await page.getByLabel("Code").first().fill(code);
  await page.getByRole("button", { name: /^(Continue|Confirm)$/ }).first().click();
}

test("S1: a client signs in for the first time, enrolls a mobile with the code that came, and is in", async () => {
  const user = server.facts.demo.users[0];
  await signIn(user);
  await page.waitForURL(/\/enroll/);
  await page.getByLabel("Phone number").fill(number());
  await press("Send me a code");
  await enterCode(await newestCode());
  await page.waitForURL(/\/(welcome|account)/);
  const { user: stored } = await api.query("query($ref: UserRef!) { user(ref: $ref) { enrollment } }", { ref: { externalId: user.externalId } });
  assert.equal(stored.enrollment, "ENROLLED");
});

test("S4: the next sign-in asks for a code, a wrong one is told, the right one lets in", async () => {
  await signIn(server.facts.demo.users[0]);
  await page.waitForURL(/\/verify/);
  const before = await latest();
  await press(/^Text a code to/);
  const code = await newestCode(before);
  await enterCode(code === "000000" ? "000001" : "000000");
  await page.getByText("4 tries left").waitFor();
  await enterCode(code);
  await page.waitForURL(/\/(welcome|account)/);
});

test("S8: a client who lost the phone asks the advisor, whose code lets her in", async () => {
  const user = server.facts.demo.users[1];
  await enrolled(api, user.externalId);
  await signIn(user);
  await page.getByRole("link", { name: "More options" }).first().click();
  await page.getByLabel(/note for your advisor/).fill("It fell into the lake.");
  await press("Ask my advisor");
  await page.waitForURL(/waiting/);
  const open = await support.query("{ tenant { temporaryAccessRequests(open: true) { edges { node { id note user { externalId } } } } } }");
  const request = open.tenant.temporaryAccessRequests.edges.map((edge) => edge.node).find((node) => node.user.externalId === user.externalId);
  assert.equal(request?.note, "It fell into the lake.", "the advisor sees the request");
  const approved = await support.must("approveTemporaryAccessRequest", { id: request.id, reason: "called back" }, "code");
  await page.goto("/verify/options");
  await press(/Enter the code my advisor gave me/);
  await enterCode(approved.code);
  await page.waitForURL(/\/(welcome|account|settings)/);
});

test("the inbox, the clock, the policy and the desk answer", async () => {
  for (const place of ["/", "/inbox", "/clock", "/policy", "/advisor"]) {
    const response = await page.goto(place);
    assert.equal(response.status(), 200, place);
    assert.ok((await page.title()).length > 0, place);
  }
  await page.goto("/inbox");
  assert.match(await page.textContent("main"), /code/i);
});
