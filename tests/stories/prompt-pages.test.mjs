// Every page of the hosted prompt in a real browser: in both languages and both themes, for axe, for narrow
// screens, and for people to look at (target/prompt-pages). The logo is fetched from a host of this test's own.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { Api } from "./support/api.mjs";
import { certificateFor } from "./support/certificate.mjs";
import { enrolled, number, totp } from "./support/people.mjs";
import { Prompt } from "./support/prompt.mjs";
import { Server } from "./support/server.mjs";
import { launch } from "./support/site.mjs";

const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH" };
const EVERYTHING = { ...ALWAYS, allowedChannels: ["SMS", "VOICE", "TOTP"] };

let server;
let api;
let support;
let browser;
let host;
let returnUrl;

before(async () => {
  host = await logoHost();
  server = await Server.start({ SSL_CERT_FILE: host.trusted, POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true", POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "6000", POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "6000" });
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  returnUrl = `${server.facts.demo.url}/healthz`;
  await support.publish(EVERYTHING);
  browser = await launch();
}, { timeout: 180_000 });
after(async () => {
  await browser?.close();
  await server?.stop();
  host?.close();
});

/** A host with a certificate of its own that serves one picture. */
async function logoHost() {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-logo-"));
  const { key, certificate } = certificateFor("localhost");
  const trusted = path.join(folder, "certificates.pem");
  writeFileSync(trusted, certificate);
  const self = { trusted, asked: 0, picture: undefined };
  const https = createServer({ key, cert: certificate }, (request, response) => {
    self.asked += 1;
    response.writeHead(200, { "content-type": "image/png" }).end(self.picture);
  });
  await new Promise((resolve) => https.listen(0, "localhost", resolve));
  self.url = `https://localhost:${https.address().port}/logo.png`;
  self.close = () => {
    https.closeAllConnections();
    https.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return self;
}

/** A wide picture, drawn by the browser itself. */
async function drawnLogo() {
  const page = await browser.newPage({ viewport: { width: 900, height: 180 } });
  await page.setContent(`<body style="margin:0"><div style="font:700 104px Georgia,serif;color:#7c2d12;padding:20px;white-space:nowrap">Acme &amp; Söhne</div></body>`);
  const picture = await page.screenshot({ omitBackground: true });
  await page.close();
  return picture;
}

async function session(login, more = {}) {
  return (await api.must("createPromptSession", { loginId: login.id, returnUrl, state: "s", ...more }, "url")).url;
}

async function until(what, find) {
  for (let waited = 0; waited < 20_000; waited += 100) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
}

/** The code of the newest message to this user, once it is there; `before` is the one that was the newest. */
async function newCode(before) {
  const { sandboxBody } = await api.inbox((one) => one.purpose === "CODE" && one.id !== before?.id);
  return /(\d[ ,.-]*){6}/.exec(sandboxBody)[0].replace(/\D/g, "").slice(0, 6);
}

async function codeAfter(deed) {
  const before = await api.inbox((one) => one.purpose === "CODE", 0);
  await deed();
  return newCode(before);
}

test("a firm's logo is fetched once by the server, and shown to whoever signs in", async () => {
  host.picture = await drawnLogo();
  const branding = { productName: "Acme & Söhne", color: "#7c2d12", supportContact: "+1 415 555 0100", logoUrl: host.url };
  const READ = "tenant { branding { logoPath logoProblem } }";
  const { tenant } = await support.must("updateTenant", { branding, returnUrls: [server.facts.demo.url] }, READ);
  assert.equal(tenant.branding.logoPath, null, "it is fetched behind the request's back");
  const shown = await until("the logo", async () => {
    const { logoPath, logoProblem } = (await support.query(`{ ${READ} }`)).tenant.branding;
    assert.equal(logoProblem, null);
    return logoPath;
  });
  assert.equal(host.asked, 1);
  const served = await fetch(server.facts.url + shown);
  assert.deepEqual([served.status, served.headers.get("content-type"), served.headers.get("cache-control")], [200, "image/png", "public, max-age=31536000, immutable"]);
  assert.deepEqual([served.headers.get("x-content-type-options"), served.headers.get("cross-origin-resource-policy")], ["nosniff", "same-origin"]);
  const bytes = Buffer.from(await served.arrayBuffer());
  assert.ok(bytes.subarray(1, 4).equals(Buffer.from("PNG")) && bytes.length <= 16_384 && !bytes.equals(host.picture), `${bytes.length} bytes`);
  for (const wrong of [shown.replace(/.{4}\.png/, "0000.png"), "/logo/nobody/x.png", `${shown}/..`]) {
    assert.equal((await fetch(server.facts.url + wrong)).status, 404, wrong);
  }
  await api.upsert("logo-1");
  const prompt = await Prompt.open(browser, await session(await api.evaluate("logo-1")));
  const loaded = () => prompt.page.locator("img.logo").evaluate((image) => image.complete && image.naturalWidth > 0);
  assert.ok(await until("the picture", loaded));
  assert.deepEqual(prompt.complaints, [], "the content policy lets it be shown");
  const page = await (await prompt.page.request.get(prompt.page.url())).body();
  assert.ok(page.length + bytes.length < 30_000, `the first page is light: ${page.length} + ${bytes.length} bytes`);
  assert.equal(host.asked, 1, "no browser asked there");
  await prompt.close();
});

for (const language of ["en", "es"]) {
  test(`every page of it, in ${language}: nothing serious for axe, nothing wider than a phone`, { timeout: 600_000 }, async () => {
    const seen = [];
    const walk = async (what) => {
      const prompt = await what();
      assert.equal(await prompt.page.getAttribute("html", "lang"), language);
      assert.deepEqual(prompt.complaints, []);
      seen.push(...prompt.seen);
      await prompt.close();
    };
    await walk(() => enrolling(`new-${language}`, language));
    await walk(() => skipping(`skips-${language}`, language));
    await walk(() => proving(`known-${language}`, language));
    await walk(() => askingTheAdvisor(`lost-${language}`, language));
    await walk(() => failing(`fails-${language}`, language));
    await walk(() => changing(`changes-${language}`, language));
    const pages = ["enroll", "enroll-fault", "confirm", "recovery", "skip", "options", "code", "code-fault", "advisor", "waiting", "approved", "denied", "settings", "phone", "app", "backup", "over"];
    assert.deepEqual([...new Set(seen)].sort(), [...pages].sort());
  });
}

async function enrolling(name, language) {
  await api.upsert(name, { language });
  const prompt = await Prompt.open(browser, await session(await api.evaluate(name)));
  await prompt.look("enroll", language);
  await prompt.press("phone", { number: "+44 7911 123456" });
  await prompt.look("enroll-fault", language);
  const code = await codeAfter(() => prompt.press("phone", { number: number() }));
  await prompt.look("confirm", language);
  await prompt.press("confirm", { code });
  await prompt.look("recovery", language);
  return prompt;
}

async function skipping(name, language) {
  const deadline = new Date((await api.clock()).getTime() + 40 * 86_400_000);
  await support.publish({ allowedChannels: EVERYTHING.allowedChannels, mandatoryFrom: deadline.toISOString() });
  await api.upsert(name, { language });
  const prompt = await Prompt.open(browser, await session(await api.evaluate(name)));
  await prompt.look("skip", language);
  await support.publish(EVERYTHING);
  return prompt;
}

async function proving(name, language) {
  await enrolled(api, name, { language });
  const prompt = await Prompt.open(browser, await session(await api.evaluate(name)));
  await prompt.look("options", language);
  await prompt.press("send");
  await prompt.look("code", language);
  await prompt.press("code", { code: "000000" });
  await prompt.look("code-fault", language);
  return prompt;
}

async function askingTheAdvisor(name, language) {
  await enrolled(api, name, { language });
  const login = await api.evaluate(name);
  const prompt = await Prompt.open(browser, await session(login));
  await prompt.follow("advisor");
  await prompt.look("advisor", language);
  await prompt.press("ask", { note: "…" });
  await prompt.look("waiting", language);
  const { tenant } = await support.query("{ tenant { temporaryAccessRequests(open: true, first: 10) { edges { node { id login { id } } } } } }");
  const { node } = tenant.temporaryAccessRequests.edges.find((edge) => edge.node.login.id === login.id);
  await support.must("approveTemporaryAccessRequest", { id: node.id, reason: "Called back" }, "code");
  // The page looks by itself whether there is an answer.
  await prompt.page.waitForFunction(() => !document.querySelector("[data-waiting]"));
  await prompt.look("approved", language);
  return prompt;
}

async function failing(name, language) {
  await enrolled(api, name, { language });
  const prompt = await Prompt.open(browser, await session(await api.evaluate(name)));
  await prompt.press("send");
  for (let round = 0; round < 6 && (await prompt.page.locator("[name=code]").count()) > 0; round += 1) await prompt.press("code", { code: "000000" });
  await prompt.look("denied", language);
  return prompt;
}

async function changing(name, language) {
  await enrolled(api, name, { language });
  const open = await api.evaluate(name);
  const { challenge } = await api.start(open, open.methods[0]);
  const { login } = await api.verify(challenge, await api.code(challenge));
  const url = await session(login, { purpose: "SETTINGS" });
  const prompt = await Prompt.open(browser, url, { locale: language === "es" ? "es-MX" : "en-US" });
  await prompt.look("settings", language);
  const settings = prompt.page.url();
  await prompt.follow("primary");
  await prompt.look("phone", language);
  await prompt.page.goto(settings);
  await prompt.press("app");
  await prompt.look("app", language);
  const key = (await prompt.page.textContent("code")).replaceAll(" ", "");
  await prompt.press("confirm", { code: totp(`otpauth://totp/x?secret=${key}`) });
  await prompt.press("backup");
  await prompt.look("backup", language);
  // In a browser that does not hold it, the same address is over.
  const stranger = await Prompt.open(browser, url, { locale: language === "es" ? "es-MX" : "en-US" });
  await stranger.look("over", language);
  const own = stranger.complaints.filter((complaint) => !complaint.includes("410"));
  prompt.complaints.push(...own);
  prompt.seen.add("over");
  await stranger.close();
  return prompt;
}
