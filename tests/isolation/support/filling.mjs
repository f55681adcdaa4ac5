// One of everything in a tenant, each with words in it that occur nowhere else; its identifiers go into `firm.ids`.

import assert from "node:assert/strict";

import { PlainBrowser } from "../../stories/support/browser-without-script.mjs";
import { totp } from "../../stories/support/people.mjs";
import { receiver } from "./ears.mjs";
import { until } from "./house.mjs";
import { upload } from "./upload.mjs";

/** Fills a firm that has its keys, its people and its policy. */
export async function fill(firm) {
  for (const step of [enroll, trust, log, help, prompts, tell, plan]) await step(firm);
  assert.deepEqual(Object.keys(firm.ids).filter((kind) => !firm.ids[kind]), [], "there is one of everything");
}

/** The messages with a code to there; one that was doubtful may have come twice. */
function messages(firm, destination) {
  const told = firm.house.gateway.heard.map(({ body }) => JSON.parse(body)).filter(({ to, is_code }) => is_code && to === destination);
  return [...new Map(told.map((message) => [message.id, message])).values()];
}

/** The code in the first, second … message to there. */
function code(firm, destination, heard = 1) {
  return until(`a code for ${destination}`, () => {
    const said = messages(firm, destination)[heard - 1];
    return said && /(\d[ ,.-]*){6,8}/.exec(said.text)[0].replace(/\D/g, "").slice(0, 6);
  });
}

async function confirmedPhone(firm, externalId, more) {
  const number = firm.phone();
  const { factor, userErrors } = await firm.full.enrollPhone(externalId, number, more);
  assert.deepEqual(userErrors, []);
  const confirmed = await firm.full.confirm(factor, await code(firm, number), more);
  assert.deepEqual(confirmed.userErrors, []);
  return { factor, number };
}

/** One user with a factor of every kind. */
async function enroll(firm) {
  const { full, word, ids } = firm;
  ids.externalId = `${word}.client`;
  ids.email = `client@${word}.example`;
  const advisorEmail = firm.credentials["session ADVISOR"] && `advisor@${word}.example`;
  const { user } = await full.upsert(ids.externalId, { displayName: `Ms ${word}`, email: ids.email, advisorEmail });
  ids.user = user.id;
  const login = await full.evaluate(ids.externalId);
  const { factor, number } = await confirmedPhone(firm, ids.externalId, { loginId: login.id });
  Object.assign(ids, { phone: number, phoneFactor: factor.id, completedLogin: login.id });
  const within = { user: { externalId: ids.externalId }, loginId: login.id };
  const app = await full.must("enrollTotp", within, "factor { id } otpauthUri");
  await full.confirm(app.factor, totp(app.otpauthUri), { loginId: login.id });
  ids.totpFactor = app.factor.id;
  ids.emailFactor = (await full.must("enrollEmail", { ...within, address: `second@${word}.example` }, "factor { id }")).factor.id;
  ids.passkeyFactor = (await full.must("enrollPasskey", { ...within, origin: firm.house.url, name: `${word} key` }, "factor { id }")).factor.id;
  await full.must("generateBackupCodes", within, "codes");
  const pending = await full.enrollPhone(ids.externalId, firm.phone(), { loginId: login.id, role: "RECOVERY" });
  assert.deepEqual(pending.userErrors, []);
  ids.pendingFactor = pending.factor.id;
}

/** A device on which a factor was proved; a change of factors would end it. */
async function trust(firm) {
  const { full, ids } = firm;
  const login = await full.evaluate(ids.externalId, { ipAddress: "192.0.2.3", userAgent: `${firm.word} phone` });
  const { challenge } = await full.start(login, login.methods.find(({ channel }) => channel === "SMS"));
  const proved = await full.verify(challenge, await code(firm, ids.phone, 2), { rememberDevice: true });
  assert.deepEqual(proved.userErrors, []);
  ids.deviceToken = proved.deviceToken;
  const found = await full.query("query($id: ID!) { user(ref: { id: $id }) { factors { __typename id } trustedDevices { id } } }", { id: ids.user });
  ids.backupFactor = found.user.factors.find(({ __typename }) => __typename === "BackupCodesFactor").id;
  ids.device = found.user.trustedDevices[0].id;
}

/** A login that is asked for its factor, and its challenge. */
async function log(firm) {
  const { full, ids, word } = firm;
  ids.idempotencyKey = `${word}-retry-1`;
  const login = await full.evaluate(ids.externalId, { ipAddress: "192.0.2.77", userAgent: `${word} browser`, idempotencyKey: ids.idempotencyKey });
  assert.equal(login.outcome, "CHALLENGE");
  const method = login.methods.find(({ channel }) => channel === "SMS");
  const { challenge, userErrors } = await full.start(login, method);
  assert.deepEqual(userErrors, []);
  Object.assign(ids, { login: login.id, method: method.id, challenge: challenge.id });
  await code(firm, ids.phone, 3);
  [ids.message, ids.callbackTicket] = new URL(messages(firm, ids.phone).at(-1).status_callback).pathname.split("/").slice(-2);
}

async function help(firm) {
  const { full, ids, word } = firm;
  const user = { externalId: ids.externalId };
  const issued = await full.must("issueTemporaryAccessCode", { user, reason: `${word} called` }, "temporaryAccessCode { id }");
  ids.temporaryAccessCode = issued.temporaryAccessCode.id;
  const asked = await full.must("requestTemporaryAccess", { loginId: ids.login, note: `${word} lost it` }, "request { id }");
  ids.temporaryAccessRequest = asked.request.id;
  await full.must("sendOneTimeLink", { user, returnUrl: firm.returnUrl }, "expiresAt");
  ids.link = await until("the link", () => {
    const mail = firm.house.mail.heard.find((mail) => mail.includes(ids.email) && mail.includes("/link/"));
    return mail && /\/link\/([\w.-]+)/.exec(mail)[1];
  });
}

/** A prompt that a browser holds, one that nobody opened yet, and the result of one that is over. */
async function prompts(firm) {
  const { full, house, ids, word } = firm;
  const open = async (externalId) => {
    const login = await full.evaluate(externalId, { ipAddress: "192.0.2.200", userAgent: `${word} tablet` });
    const { url } = await full.must("createPromptSession", { loginId: login.id, returnUrl: firm.returnUrl, state: `${word} state` }, "url");
    return url;
  };
  const browser = new PlainBrowser();
  await browser.open(await open(ids.externalId), house.url);
  ids.prompt = new URL(browser.url).pathname.split("/")[3];
  firm.prompt = browser;
  firm.credentials.prompt = { cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; ") };
  ids.promptToken = new URL(await open(ids.externalId)).pathname.split("/").at(-1);
  ids.result = await result(firm, open);
}

/** A client whose enrollment is optional skips it in the prompt, and comes back with a result. */
async function result(firm, open) {
  const externalId = `${firm.word}.skips`;
  await firm.full.upsert(externalId, { email: `skips@${firm.word}.example` });
  const browser = new PlainBrowser();
  await browser.open(await open(externalId), firm.house.url);
  const skip = browser.forms.find(({ action }) => action.endsWith("/skip"));
  assert.ok(skip, browser.words);
  await browser.press(skip.button);
  return browser.away.searchParams.get("result");
}

/** Endpoints of webhooks, each with an ear of this firm's. */
async function tell(firm) {
  const { full, ids, word } = firm;
  firm.ear = await firm.house.ear(receiver());
  const made = await full.must("createWebhookEndpoint", { url: `http://127.0.0.1:${firm.ear.port}/${word}` }, "endpoint { id }");
  ids.webhookEndpoint = made.endpoint.id;
  const tested = await full.must("testWebhookEndpoint", { id: ids.webhookEndpoint }, "delivery { id }");
  ids.webhookDelivery = tested.delivery.id;
}

async function plan(firm) {
  const { full, ids, word } = firm;
  const audience = { allowedChannels: ["SMS"] };
  const simulated = await full.must("simulatePolicy", { policy: { internal: audience, external: audience }, days: 1 }, "simulation { id }");
  ids.policySimulation = simulated.simulation.id;
  const reminded = await full.must("sendEnrollmentReminders", { subject: `${word} reminds`, body: `Dear client of ${word}` }, "run { id }");
  ids.reminderRun = reminded.run.id;
  const imported = await importUsers(firm, "key USERS", `external_id,kind,email\n${word}.imported,EXTERNAL,x@${word}.example\n${word}.refused,NOBODY,y\n`);
  ids.import = imported.job.id;
  const errorsUrl = await until("the import's refused rows", async () => {
    const { node } = await full.query("query($id: ID!) { node(id: $id) { ... on ImportJob { status errorsUrl } } }", { id: ids.import });
    return node.errorsUrl;
  });
  ids.importTicket = new URL(errorsUrl).pathname.split("/")[3];
  await firm.api("partner key").must("publishTemplatePolicy", { policy: { internal: audience, external: audience } }, "template { lockedFields }");
  const firms = await upload(firm, "partner key", "importTenants", `slug,name,owner_email\n${word}-second,${word} second,owner@${word}.example\n`);
  assert.match(await firms.text(), /"userErrors":\[\]/);
  const { tenant } = await full.query("{ tenant { auditLog(first: 1) { edges { node { id } } } } }");
  ids.auditEntry = tenant.auditLog.edges[0].node.id;
}

async function importUsers(firm, credential, file) {
  const answer = await (await upload(firm, credential, "importUsers", file)).json();
  assert.deepEqual(answer.data?.importUsers.userErrors, [], JSON.stringify(answer));
  return answer.data.importUsers;
}
