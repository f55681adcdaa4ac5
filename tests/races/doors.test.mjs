// What opens a door once, raced: links, prompts and what they bring back, invitations, new passwords, what a company's
// identity provider says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { PlainBrowser } from "../stories/support/browser-without-script.mjs";
import { enrolled, totp } from "../stories/support/people.mjs";
import { Company, NEARBY, atCompany, opens } from "./support/company.mjs";
import { Field, PUBLIC_URL, RETURN_URL, WIDTHS, eventually, patiently, tally, visit } from "./support/field.mjs";
import { written } from "./support/mail.mjs";

/** How many race; and for what is hashed dearly. */
const [MANY, FEW] = [12, 6];
const [OLD_PASSWORD, NEW_PASSWORD] = ["amber lantern over the moat", "seven quiet herons at noon"];

let field, company, owner;
before(async () => {
  company = await Company.start();
  field = await Field.start(3, NEARBY);
});
after(async () => {
  await field?.stop();
  company?.stop();
});

const post = (url, body, headers = {}) =>
  visit(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Behind a proxy: what it sends comes from the installation's own origin, whichever replica it reaches. */
class Visitor extends PlainBrowser {
  open(address, within, { headers, ...options } = {}) {
    const from = { ...headers, ...(headers?.origin && { origin: PUBLIC_URL }) };
    return patiently(() => super.open(address, within, { ...options, headers: from }), ({ status, away }) => !away && status === 503);
  }
}

/** Statuses and bodies. */
const answers = (responses) => Promise.all(responses.map(async (response) => ({ status: response.status, body: await response.json() })));

/** Whoever is invited, in a sandbox, and the token that the mail holds. */
async function invited(email, role = "AUDITOR") {
  const isOne = ({ purpose }) => purpose === "ADMIN_INVITATION";
  const last = await field.first.login.inbox(isOne, 0);
  await field.first.partner.must("inviteAdmin", { email, role }, "admin { id }");
  const { sandboxBody } = await field.first.login.inbox((message) => isOne(message) && message.id !== last?.id);
  return /\/invitation#(\S+)/.exec(sandboxBody)[1];
}

/** The tenant's provider, as one of its OWNERs registers it; whom it lets in. */
async function ownerOfACompany() {
  const email = "omar@firm.example";
  const at = (place, body, headers) => post(`${field.first.url}${place}`, body, headers);
  const accepted = await at("/auth/accept-invitation", { token: await invited(email, "OWNER"), password: OLD_PASSWORD, displayName: "Omar" });
  const { methodId, secret } = await accepted.json();
  const proved = await at("/auth/second-factor", { methodId, code: totp(`otpauth://totp/x?secret=${secret}`) });
  const [cookie] = proved.headers.getSetCookie().map((line) => line.split(";")[0]);
  await company.register(at, { tenant: field.tenant.id, cookie, domain: "firm.example" });
  return email;
}

for (const [name, width] of WIDTHS) {
  const user = (what) => `${what}-${width}`;
  const replicas = () => field.replicas.slice(0, width);

  test(`through ${name}: a one-time link is taken once`, async () => {
    const { desk, login } = field.first;
    await enrolled(login, user("link"), { email: `${user("link")}@client.example` });
    await desk.must("sendOneTimeLink", { user: { externalId: user("link") }, returnUrl: RETURN_URL }, "message { id }");
    const mail = await login.inbox(({ purpose }) => purpose === "ONE_TIME_LINK");
    const [link] = /http:\/\/localhost:8080\/link\/[^\s"<]+/.exec(mail.sandboxBody);
    const taken = await Field.race(replicas(), MANY, (replica) => visit(Field.at(replica, link), { method: "POST", redirect: "manual" }));
    const led = taken.filter(({ status }) => status === 303).map(({ headers }) => headers.get("location"));
    assert.equal(led.length, 1, taken.map(({ status }) => status).join());
    assert.ok(led[0].startsWith(`${RETURN_URL}?postern_login=`));
  });

  test(`through ${name}: a prompt opens in one browser, and its result is exchanged once`, async () => {
    const [login] = await field.waiting(user("prompt"));
    const { url } = await field.first.login.must("createPromptSession", { loginId: login.id, returnUrl: RETURN_URL }, "url");
    const open = (replica) => new Visitor().open(Field.at(replica, url), replica.url);
    const browsers = await Field.race(replicas(), MANY, open);
    const inside = browsers.filter(({ cookies }) => cookies.size > 0);
    assert.equal(inside.length, 1, "one browser holds it");
    const [browser] = inside;
    await browser.press(/^Text me at/);
    const message = await field.first.login.inbox(({ purpose, destination }) => purpose === "CODE" && destination === login.methods[0].destination);
    await browser.press("Continue", { code: /(\d[ ,.-]*){6}/.exec(message.sandboxBody)[0].replace(/\D/g, "").slice(0, 6) });
    assert.ok(browser.away, browser.words);
    const result = browser.away.searchParams.get("result");
    const redeemed = await Field.race(replicas(), MANY, (replica) => replica.login.mutate("redeemPromptResult", { result }, "login { id assertion }"));
    assert.deepEqual(tally(redeemed), { "": 1, EXPIRED: MANY - 1 });
  });

  test(`through ${name}: an invitation is accepted once, and so is a link for a new password`, async () => {
    const email = `${user("nora")}@firm.example`;
    const token = await invited(email);
    const accept = (replica) => post(`${replica.url}/auth/accept-invitation`, { token, password: OLD_PASSWORD, displayName: "Nora" });
    const accepted = await answers(await Field.race(replicas(), FEW, accept));
    // Whoever breaks off opens it again: it is used when the app is proved.
    const opened = accepted.filter(({ status }) => status === 200).map(({ body }) => ({ ...body, uri: `otpauth://totp/x?secret=${body.secret}` }));
    assert.ok(opened.length > 0, JSON.stringify(accepted));
    const confirm = ({ url }, at) => post(`${url}/auth/second-factor`, { methodId: opened[at].methodId, code: totp(opened[at].uri) });
    const winners = (responses) => responses.flatMap(({ status, headers }, at) => (status === 200 && headers.getSetCookie().length > 0 ? [at] : []));
    const [winner, ...more] = winners(await Field.race(replicas(), opened.length, confirm));
    assert.ok(winner !== undefined && more.length === 0, `${more.length} sessions too many`);
    const { uri } = opened[winner];
    assert.ok((await Field.race(replicas(), FEW, accept)).every(({ status }) => status >= 400), "it is used");

    await post(`${field.first.url}/auth/forgotten`, { email });
    const mail = await eventually(() => field.mail.mails.find((one) => one.includes(email) && written(one).includes("/recover#")), "the mail");
    const [, opener] = /\/recover#([\w-]+)/.exec(written(mail));
    const recover = (replica) => post(`${replica.url}/auth/recover`, { token: opener, password: NEW_PASSWORD });
    const recovered = await answers(await Field.race(replicas(), FEW, recover));
    const [way, ...others] = recovered.filter(({ status }) => status === 200);
    assert.ok(way && others.length === 0, JSON.stringify(recovered.map(({ status, body }) => [status, body.errors?.[0].message])));
    const proof = { methodId: way.body.methods.find(({ channel }) => channel === "TOTP").id, code: totp(uri, Date.now() + 30_000) };
    const done = await Field.race(replicas(), FEW, (replica) => post(`${replica.url}/auth/second-factor`, proof));
    assert.equal(winners(done).length, 1, "one session");
  });
  test(`through ${name}: what a company's provider says of somebody opens one session`, async () => {
    owner ??= await ownerOfACompany();
    const { url } = field.first;
    const begin = (place, body, headers) => post(`${url}${place}`, body, headers);
    const { body, headers } = await atCompany(begin, company, { slug: field.tenant.slug, tenant: field.tenant.id, email: owner });
    const finish = (replica) => post(`${replica.url}/auth/company/finish`, body, headers);
    const stranger = await post(`${url}/auth/company/finish`, body, { cookie: `${headers.cookie}x` });
    assert.deepEqual([stranger.status, opens(stranger)], [401, false], "another browser's is nobody's, and uses nothing up");
    const brought = await Field.race(replicas(), MANY, finish);
    const codesOf = await Promise.all(brought.filter((response) => !opens(response)).map((response) => response.json()));
    assert.deepEqual(codesOf.map(({ errors }) => errors?.[0].extensions.code), Array(MANY - 1).fill("EXPIRED"));
    const again = await atCompany(begin, company, { slug: field.tenant.slug, tenant: field.tenant.id, email: owner });
    const crossed = { ...again.body, state: body.state };
    assert.equal(opens(await post(`${url}/auth/company/finish`, crossed, again.headers)), false, "a new code does not revive an old state");
  });
}
