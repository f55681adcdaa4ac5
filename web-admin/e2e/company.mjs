// Signing in with one's company: an owner registers and tries a provider, an administrator signs in by it. The
// provider is one of its own make (the package oidc-provider), which checks us as strictly as we check it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import Provider from "oidc-provider";

import { Console } from "./support/console.mjs";
import { look } from "./support/look.mjs";
import { world } from "./support/world.mjs";

const SECRET = "a secret of forty characters and a few more";

let server;
let browser;
let tenant;
let provider;

/** The tenant's provider: whoever gives an address is let in as that address. */
async function startProvider(redirectUri) {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${listener.address().port}`;
  const oidc = new Provider(issuer, {
    clients: [{ client_id: "postern", client_secret: SECRET, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: true }) }),
    cookies: { keys: ["a key of the test's"] },
  });
  listener.on("request", oidc.callback());
  return { issuer, close: () => new Promise((resolve) => { listener.closeAllConnections(); listener.close(resolve); }) };
}

before(async () => {
  // The provider of the tests is on this machine.
  ({ server, browser } = await world({ POSTERN_WEBHOOKS__ALLOW_HTTP: "true", POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true" }));
  [tenant] = server.facts.tenants.filter(({ environment }) => environment === "SANDBOX");
  provider = await startProvider(`${server.facts.url}/sign-in/company/${tenant.id}`);
});

after(() => provider?.close());

/** On the provider's own pages. */
async function signInThere({ page }, email) {
  await page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await page.locator("input[name=login]").fill(email);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}

/** The provider's own pages ask for a typeface of somebody else's, which is not there on every machine. */
function withoutTypeface({ context }) {
  const isThere = (route) => route.request().frame().url().startsWith(provider.issuer);
  return context.route("https://fonts.googleapis.com/**", (route) => (isThere(route) ? route.fulfill({ contentType: "text/css", body: "" }) : route.fallback()));
}

const whoIs = ({ page }) => page.evaluate(async () => (await fetch("/auth/session")).json());

test("a company's provider is registered, tried, signed in by, and removed", { timeout: 600_000 }, async (t) => {
  const owner = await Console.open(browser, server);
  t.after(() => owner.close());
  await withoutTypeface(owner);
  const ownersAddress = (await owner.signIn(undefined, `/t/${tenant.slug}/team`)).email;
  await owner.settled();
  await owner.press("Set up a provider");
  const dialog = owner.page.getByRole("dialog");
  await dialog.getByText(`${server.facts.url}/sign-in/company/${tenant.id}`).waitFor();
  await dialog.getByLabel("Issuer").fill(`${provider.issuer}/nowhere`);
  await dialog.getByLabel("Client ID").fill("postern");
  await dialog.getByRole("textbox", { name: "Client secret" }).fill(SECRET);
  await dialog.getByLabel("Mail domains").fill(ownersAddress.split("@")[1]);
  await owner.settled();
  await look(owner, "company-form");
  await owner.press("Ask the provider and save");
  await dialog.getByText("The provider answered with 404.").first().waitFor();
  await dialog.getByLabel("Issuer").fill(provider.issuer);
  await owner.press("Ask the provider and save");
  await dialog.waitFor({ state: "detached" });
  await owner.reads("Not yet, as it is now");
  await look(owner, "company-team");

  await owner.press("Test it");
  await signInThere(owner, ownersAddress);
  await owner.reads("The test worked");
  await owner.reads(`knows you as ${ownersAddress}`);
  assert.equal(new URL(owner.page.url()).search, "", "no code stays in the address");
  await look(owner, "company-tested");
  await owner.press("Back to the team");
  await owner.page.getByText("Not yet, as it is now").waitFor({ state: "detached" });
  assert.equal((await whoIs(owner)).only, null, "a test touches no session");

  // Whoever has roles in several places allows it first, by a sign-in of their own.
  const guest = await Console.open(browser, server);
  t.after(() => guest.close());
  await withoutTypeface(guest);
  const auditor = guest.who("AUDITOR");
  await guest.go("/sign-in");
  await guest.givePassword(auditor);
  await guest.giveCode(auditor);
  await guest.page.waitForURL(/\/t\//);
  await guest.go("/account");
  await guest.reads("May not sign you in");
  await guest.settled();
  await look(guest, "company-allow");
  await guest.press("Allow");
  await guest.reads("May sign you in");
  await guest.press("Sign out");
  await guest.page.waitForURL(/\/sign-in/);

  await guest.go(`/sign-in?back=${encodeURIComponent("https://evil.example/")}`);
  await guest.follow("Sign in with your company");
  await guest.settled();
  await look(guest, "company-name");
  await guest.field("Company or work email").fill(`nobody@${tenant.slug}.example`);
  await guest.press("Continue");
  await guest.reads("No company of this name");
  await guest.field("Company or work email").fill(tenant.slug);
  await guest.press("Continue");
  await signInThere(guest, auditor.email);
  await guest.reads("One more proof");
  await guest.settled();
  await look(guest, "company-second");
  await guest.giveCode(auditor);
  await guest.page.waitForURL((url) => url.pathname.startsWith(`/t/${tenant.slug}/`));
  const session = await whoIs(guest);
  assert.deepEqual([session.only, session.tenants.map(({ id }) => id)], [tenant.id, [tenant.id]]);
  await guest.go("/account");
  await guest.reads("You signed in with your company");
  await look(guest, "company-account");

  // What was brought once, or by nobody who began it, is over.
  await guest.go(`/sign-in/company/${tenant.id}?code=stolen&state=stolen&iss=${encodeURIComponent(provider.issuer)}`);
  await guest.reads("Begin again");
  await look(guest, "company-over");

  await owner.press("Remove");
  await owner.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await owner.reads("No identity provider yet");
  assert.equal((await guest.page.request.get(`${server.facts.url}/auth/session`)).status(), 401, "what it opened is over");
  assert.deepEqual([...owner.complaints, ...guest.complaints], []);
});
