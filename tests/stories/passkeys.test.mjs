// Passkeys in a real browser, whose authenticator is a virtual one: made and used in the hosted prompt, on
// the firm's own page by the API, and at the console's door.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import AxeBuilder from "@axe-core/playwright";
import { decodeJwt } from "jose";

import { Api, codes } from "./support/api.mjs";
import { enrolled, totp } from "./support/people.mjs";
import { Server } from "./support/server.mjs";
import { launch, PATIENCE_MS } from "./support/site.mjs";

const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH", allowedChannels: ["SMS", "VOICE", "TOTP", "PASSKEY"] };
const AUTHENTICATOR = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
const SHOTS = process.env.POSTERN_SHOTS;

let server;
let returnUrl;
let api;
let support;
let browser;

before(async () => {
  server = await Server.start();
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  returnUrl = `${server.facts.demo.url}/healthz`;
  await support.must("updateTenant", { returnUrls: [returnUrl], branding: { productName: "Acme" } }, "tenant { id }");
  await support.publish(ALWAYS);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A person at a computer with an authenticator. */
async function person(options = {}) {
  const context = await browser.newContext({ baseURL: server.facts.url, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
  return {
    context, page,
    knowsUser: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    press: (name) => page.getByRole("button", { name }).first().click(),
    reads: (words) => page.getByText(words).first().waitFor(),
  };
}

async function looksFine(page, name) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.filter((found) => ["serious", "critical"].includes(found.impact)).map((found) => found.id), [], name);
  await picture(page, name);
}

/** For people to look at, where somebody wants to. */
async function picture(page, name) {
  if (!SHOTS) return;
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function promptUrl(login, more = {}) {
  return (await api.must("createPromptSession", { loginId: login.id, returnUrl, ...more }, "url")).url;
}

async function redeemed(page) {
  await page.waitForURL(`${returnUrl}?**`);
  const result = new URL(page.url()).searchParams.get("result");
  assert.ok(result, page.url());
  return (await api.must("redeemPromptResult", { result }, "login { id completedWith assertion }")).login;
}

test("made in the prompt as the first factor, and used there", async () => {
  const ann = await person();
  await api.upsert("k1");
  await ann.page.goto(await promptUrl(await api.evaluate("k1")));
  await ann.press("Use a passkey");
  await looksFine(ann.page, "prompt-make");
  await ann.press("Continue");
  const first = await redeemed(ann.page);
  assert.equal(first.completedWith, "ENROLLED");
  assert.equal(decodeJwt(first.assertion).acr, "postern:2fa-phr");

  const login = await api.evaluate("k1");
  assert.deepEqual(login.methods, [], "the firm's own pages have another relying party");
  await ann.page.goto(await promptUrl(login));
  await ann.press("Use my passkey");
  await looksFine(ann.page, "prompt-use");
  await ann.page.reload();
  await ann.press("Continue");
  const second = await redeemed(ann.page);
  assert.equal(second.completedWith, "PASSKEY");
  assert.deepEqual(decodeJwt(second.assertion).amr, ["pwd", "pop"]);
  await ann.context.close();
});

test("who is not known to the authenticator is told, and tries again", async () => {
  const bob = await person();
  await enrolled(api, "k2");
  const open = await api.evaluate("k2");
  const { challenge } = await api.start(open, open.methods.find((method) => method.channel === "SMS"));
  const { login } = await api.verify(challenge, await api.code(challenge));
  await bob.page.goto(await promptUrl(login, { purpose: "SETTINGS" }));
  await bob.page.getByLabel("Name of the passkey").fill("Bob's laptop");
  await looksFine(bob.page, "prompt-settings");
  await bob.press("Set up a passkey");
  await bob.press("Continue");
  await bob.reads("Bob's laptop");
  await bob.reads("Saved.");

  await bob.page.goto(await promptUrl(await api.evaluate("k2")));
  await bob.press("Use my passkey");
  await bob.knowsUser(false);
  await bob.press("Continue");
  await bob.reads("That did not work, or was canceled");
  await looksFine(bob.page, "prompt-failed");
  await bob.knowsUser(true);
  await bob.press("Continue");
  const { id, completedWith } = await redeemed(bob.page);
  assert.equal(completedWith, "PASSKEY");
  await bob.page.goto(await promptUrl({ id }, { purpose: "SETTINGS" }));
  await bob.page.getByRole("button", { name: /^Remove: Passkey/ }).click();
  await bob.reads("Removed.");
  assert.equal(await bob.page.getByText("Bob's laptop").count(), 0);
  await bob.context.close();
});

test("without scripts the page says so in words, and every other way is there", async () => {
  const plain = await person({ javaScriptEnabled: false });
  await api.upsert("k3");
  await plain.page.goto(await promptUrl(await api.evaluate("k3")));
  await plain.press("Use a passkey");
  await plain.reads(/Passkeys need JavaScript/);
  assert.equal(await plain.page.getByRole("button", { name: "Continue" }).count(), 0);
  await picture(plain.page, "prompt-unable");
  await plain.page.getByRole("link", { name: "Back", exact: true }).click();
  await plain.page.getByRole("button", { name: "Send me a code" }).waitFor();
  await plain.context.close();
});

test("made and used on a page of the firm's own, by the API", async () => {
  const cleo = await person();
  const origin = new URL(server.facts.demo.url).origin;
  await support.must("updateTenant", { webauthn: { rpId: "localhost", origins: [origin] } }, "tenant { webauthn { rpId origins } }");
  await cleo.page.goto(origin);
  await api.upsert("k4");
  const enrolling = await api.evaluate("k4");
  const asked = { user: { externalId: "k4" }, name: "Cleo's phone", origin, loginId: enrolling.id };
  assert.deepEqual(codes(await api.mutate("enrollPasskey", { ...asked, origin: "https://evil.example" }, "factor { id }")), ["INVALID"]);
  const begun = await api.must("enrollPasskey", asked, "factor { id status name rpId } creationOptions");
  assert.deepEqual([begun.factor.status, begun.factor.name, begun.factor.rpId], ["PENDING", "Cleo's phone", "localhost"]);
  // The browser's own reading of such JSON (WebAuthn §5.1.8): an oracle that is not ours.
  const made = await cleo.page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, begun.creationOptions);
  const confirmed = await api.must("confirmFactor", { factorId: begun.factor.id, credential: made, loginId: enrolling.id }, "factor { status } login { completedWith }");
  assert.deepEqual([confirmed.factor.status, confirmed.login.completedWith], ["ACTIVE", "ENROLLED"]);

  const login = await api.evaluate("k4");
  assert.deepEqual(login.methods.map((method) => method.channel), ["PASSKEY"]);
  const fields = "challenge { id channel status requestOptions }";
  const { challenge } = await api.must("startChallenge", { loginId: login.id, methodId: login.methods[0].id }, fields);
  assert.equal(challenge.requestOptions.userVerification, "required", "at HIGH");
  const given = await cleo.page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, challenge.requestOptions);
  const proof = { challengeId: challenge.id, credential: given };
  const both = await Promise.all([1, 2].map(() => api.mutate("verifyChallenge", proof, "login { completedWith }")));
  assert.deepEqual(both.map(codes).sort(), [["ALREADY_COMPLETED"], []].sort());
  await cleo.context.close();
});

test("the console's door: made in one's account, used as the second factor, and removed", async () => {
  const owner = await person();
  const { email, password, totpSecret } = server.facts.admin;
  const givePassword = async () => {
    await owner.page.goto("/");
    await owner.page.getByLabel("Email").fill(email);
    await owner.page.getByRole("textbox", { name: "Password" }).fill(password);
    await owner.press("Continue");
  };
  await givePassword();
  await owner.page.getByLabel("Code").fill(totp(`otpauth://totp/x?secret=${totpSecret}`));
  await owner.press("Sign in");
  await owner.page.waitForURL(/\/t\//);
  await owner.page.goto("/account");
  await owner.press("Add a passkey");
  await owner.page.getByRole("textbox", { name: "Name" }).fill("Office laptop");
  await owner.press("Continue");
  await owner.reads("Office laptop");
  await looksFine(owner.page, "console-account");
  await owner.press("Sign out");
  await owner.page.waitForURL(/\/sign-in/);

  await givePassword();
  await owner.press("Passkey");
  await owner.page.getByRole("button", { name: "Use my passkey" }).waitFor();
  await looksFine(owner.page, "console-use");
  await owner.knowsUser(false);
  await owner.press("Use my passkey");
  await owner.reads("That did not work, or was canceled");
  await owner.knowsUser(true);
  await owner.press("Use my passkey");
  await owner.page.waitForURL(/\/t\//);
  await owner.page.goto("/account");
  await owner.press("Remove Office laptop");
  await owner.page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await owner.reads("You have none yet.");
  await owner.context.close();
});
