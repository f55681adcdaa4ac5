// The console as a new administrator would try it, through the real binary.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Api } from "../../tests/stories/support/api.mjs";
import { Console } from "./support/console.mjs";
import { world } from "./support/world.mjs";

let server;
let browser;
let sandbox;

before(async () => {
  ({ server, browser, sandbox } = await world());
});

/** A signed-in window, closed at the test's end; nothing went wrong in it. */
async function open(t, role, place) {
  const console = await Console.open(browser, server);
  t.after(() => console.close());
  if (role !== null) await console.signIn(role, place);
  return console;
}

const nextFirstOfMarch = () => {
  const now = new Date();
  return `${now.getUTCFullYear() + (now.getUTCMonth() >= 1 ? 1 : 0)}-03-01`;
};

test("a wrong password and a wrong code are told; the right ones lead to where one wanted to go", async (t) => {
  const console = await open(t, null);
  const { page } = console;
  const who = console.who("AUDITOR");
  const wanted = `/t/${sandbox.slug}/users?search=carla`;
  await console.go(wanted);
  await page.waitForURL(/\/sign-in/);
  await console.givePassword({ email: who.email, password: "not this one" });
  await console.reads("Email and password do not match");
  await console.givePassword(who);
  await console.field("Code").fill("000000");
  await console.press("Sign in");
  await console.reads("4 tries left");
  await console.giveCode(who);
  await page.waitForURL(/\/t\//);
  assert.equal(console.place, wanted);
  await console.reads("Carla Nguyen");
  console.share("AUDITOR");
  assert.deepEqual(console.complaints, []);
});

test("texts optional until 1 March, High for staff: edited, rehearsed, published, and on record", async (t) => {
  const console = await open(t, undefined, `/t/${sandbox.slug}/policy`);
  const { page } = console;
  const clients = page.getByRole("region", { name: "Clients", exact: true });
  await clients.getByRole("radio", { name: "From a date on" }).last().check();
  await clients.getByLabel("Mandatory from").fill(nextFirstOfMarch());
  await clients.getByText("Enrolling is optional now.").waitFor();
  await console.follow("Levels and channels");
  await page.getByRole("region", { name: "Level for Staff" }).getByRole("radio", { name: "High" }).check();
  await console.reads("2 changes, not published");
  // A reload loses nothing of the draft.
  await page.reload();
  await console.reads("2 changes, not published");
  await page.getByRole("complementary", { name: "Draft" }).getByRole("link", { name: "Review and publish" }).click();
  await console.reads("Clients: mandatory from");
  await console.reads("Staff: level");
  await console.press("Rehearse");
  await console.reads("Logins decided again");
  await console.reads("Nobody would be locked out");
  await console.press("Publish or schedule");
  await console.field("Note for colleagues").fill("Texts optional until March");
  await console.press("Publish now");
  await console.reads("Version 2 is in force.");
  assert.match(console.place, /policy\/history/);
  await console.reads("Texts optional until March");

  const api = new Api(server.facts.graphql, sandbox.supportApiKey);
  const { tenant } = await api.query("{ tenant { policy { version internal { defaultLevel } external { mandatoryFrom } } } }");
  assert.deepEqual([tenant.policy.version, tenant.policy.internal.defaultLevel], [2, "HIGH"]);
  assert.ok(tenant.policy.external.mandatoryFrom.startsWith(nextFirstOfMarch().slice(0, 8)));

  await console.follow("Audit log");
  await console.reads("Published a policy");
  await console.follow(new RegExp(console.who().email));
  assert.match(console.place, /actor=admin/);
  assert.deepEqual(console.complaints, []);
});

test("the version before comes back with one click, and a scheduled one can be withdrawn", async (t) => {
  const console = await open(t, "ADMIN", `/t/${sandbox.slug}/policy/history`);
  const { page } = console;
  await page.getByRole("listitem").filter({ hasText: "Version 1" }).getByRole("button", { name: "Return to this version" }).click();
  await console.reads("Staff: level");
  await console.press("Publish or schedule");
  await page.getByRole("radio", { name: "On a date" }).check();
  await page.getByRole("button", { name: "Schedule", exact: true }).click();
  await console.reads("Version 3 is scheduled.");
  await console.press("Withdraw");
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await console.reads("Version 3 was withdrawn.");
  await page.getByRole("listitem").filter({ hasText: "Version 3" }).getByText("Withdrawn").waitFor();
});

test("mail is turned on only by whoever accepts the risk on record", async (t) => {
  const console = await open(t, undefined, `/t/${sandbox.slug}/policy/levels`);
  const { page } = console;
  await page.getByRole("region", { name: "Channels for Clients" }).getByRole("checkbox", { name: "Mail" }).check();
  await console.reads("Weaker: whoever reads the mailbox");
  await page.getByRole("complementary", { name: "Draft" }).getByRole("link", { name: "Review and publish" }).click();
  await console.press("Publish or schedule");
  assert.equal(await page.getByRole("button", { name: "Publish now" }).isDisabled(), true);
  await page.getByRole("checkbox", { name: "I accept this risk" }).check();
  await console.press("Publish now");
  await console.reads("is in force.");
});

test("is my address in it? The page knows from where it is asked", async (t) => {
  const console = await open(t, "AUDITOR", `/t/${sandbox.slug}/policy/networks`);
  const { page } = console;
  await console.reads("This is the address that you are asking from.");
  await console.reads("No, in none of them.");
  assert.match(await page.getByRole("textbox", { name: "Address" }).inputValue(), /^(127\.0\.0\.1|::1)$/);
});

test("a client is found and let in with a temporary code, which lets her in", async (t) => {
  const console = await open(t, "SUPPORT");
  const { page } = console;
  assert.match(console.place, /\/users$/);
  await page.getByRole("searchbox").fill("Owen");
  await console.follow("Owen Clarke");
  await console.reads("What happened");
  await console.press("Temporary access");
  await page.getByRole("dialog").getByRole("textbox").fill("Lost his phone; called back");
  await console.press("Issue the code");
  const code = await page.getByRole("dialog").locator("code").textContent();
  await console.press("I have it");
  await console.reads("Lost his phone; called back");

  const api = new Api(server.facts.graphql, sandbox.apiKey);
  const login = await api.evaluate("owen.clarke", { purpose: "STEP_UP" });
  const method = login.methods.find((one) => one.channel === "TEMPORARY_ACCESS_CODE");
  const { challenge } = await api.must("startChallenge", { loginId: login.id, methodId: method.id }, "challenge { id }");
  const proved = await api.must("verifyChallenge", { challengeId: challenge.id, code }, "login { completedWith }");
  assert.equal(proved.login.completedWith, "TEMPORARY_ACCESS_CODE");
  assert.deepEqual(console.complaints, []);
});

test("whoever asks for help arrives while one watches, and is answered", async (t) => {
  const console = await open(t, "SUPPORT", `/t/${sandbox.slug}/requests`);
  const { page } = console;
  await console.reads("People who cannot get in");
  const api = new Api(server.facts.graphql, sandbox.apiKey);
  const login = await api.evaluate("ines.moreau", { purpose: "STEP_UP" });
  await api.must("requestTemporaryAccess", { loginId: login.id, note: "My phone went through the wash" }, "request { id }");
  const card = page.getByRole("article").filter({ hasText: "My phone went through the wash" });
  await card.getByRole("button", { name: "Let in" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Called back");
  await console.press("Get the code");
  assert.match(await page.getByRole("dialog").locator("code").textContent(), /^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  await console.press("I have it");
  await card.waitFor({ state: "detached" });
});

test("a key is shown once, works, and is refused after it was revoked", async (t) => {
  const console = await open(t, "ADMIN", `/t/${sandbox.slug}/integrate/keys`);
  const { page } = console;
  await console.press("Make a key");
  await page.getByRole("dialog").getByLabel("Name").fill("nightly");
  await page.getByRole("dialog").getByRole("checkbox", { name: "Reading" }).check();
  await page.getByRole("dialog").getByRole("button", { name: "Make a key" }).click();
  const key = await page.getByRole("dialog").locator("code").textContent();
  await console.press("I have it");
  const viewer = () => new Api(server.facts.graphql, key).raw("{ viewer { ... on ApiKey { name } } }");
  assert.equal((await viewer()).body.data.viewer.name, "nightly");
  await page.getByRole("row").filter({ hasText: "nightly" }).getByRole("button", { name: "Revoke" }).click();
  const revoke = page.getByRole("dialog").getByRole("button", { name: "Revoke" });
  assert.equal(await revoke.isDisabled(), true);
  await page.getByRole("dialog").getByRole("textbox").fill("nightly");
  await revoke.click();
  await page.getByRole("row").filter({ hasText: "nightly" }).getByText("Revoked").waitFor();
  await page.waitForTimeout(1100);
  assert.equal((await viewer()).status, 401);
});

test("somebody invited follows the mail, sets up the app, and is in with that role", async (t) => {
  const owner = await open(t, undefined, `/t/${sandbox.slug}/team`);
  await owner.press("Invite somebody");
  await owner.page.getByRole("dialog").getByLabel("Email").fill("nora@firm.example");
  await owner.page.getByRole("radio", { name: "Auditor" }).check();
  await owner.press("Send the invitation");
  await owner.reads("An invitation is on its way");
  const api = new Api(server.facts.graphql, sandbox.supportApiKey);
  const mail = await api.inbox((message) => message.purpose === "ADMIN_INVITATION");
  const link = /https?:\/\/\S*\/invitation#\S+/.exec(mail.sandboxBody)[0];

  const console = await open(t, null);
  const { page } = console;
  await console.go(link);
  await console.field("Your name").fill("Nora Quist");
  await page.getByRole("textbox", { name: "New password" }).fill("amber lantern over the moat");
  await console.press("Continue");
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  assert.ok(!page.url().includes("#"), "the token is out of the address");
  const secret = (await page.getByText("No camera?").textContent()).match(/[A-Z2-7]{16,}/)[0];
  await console.giveCode({ email: "nora@firm.example", totpSecret: secret });
  await page.waitForURL(/\/t\//);
  await console.reads("Nora Quist");
  await owner.page.reload();
  await owner.reads("Nora Quist");
});

test("a session that has ended leads back to where one was", async (t) => {
  const console = await open(t, "ADMIN", `/t/${sandbox.slug}/audit`);
  const { page } = console;
  await console.reads("Who did what");
  await console.context.clearCookies();
  await page.getByRole("link", { name: "Messages" }).click();
  await page.waitForURL(/\/sign-in/);
  await console.reads("Your session has ended");
  await console.givePassword(console.who("ADMIN"));
  await console.giveCode(console.who("ADMIN"));
  await page.waitForURL(/\/messages$/);
});

test("a file is checked first, its faults are told, and then it is taken in", async (t) => {
  const console = await open(t, "ADMIN", `/t/${sandbox.slug}/onboarding`);
  const { page } = console;
  const rows = ["external_id,kind,display_name", "C-1001,EXTERNAL,Ada Byron", "C-1002,NOBODY,Bo Diaz"];
  await page.locator("input[type=file]").setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(`${rows.join("\n")}\n`) });
  await console.press("Check it, change nothing");
  await console.reads("This must be INTERNAL or EXTERNAL.");
  await console.reads("Would be made");
  const api = new Api(server.facts.graphql, sandbox.apiKey);
  const found = async () => (await api.query('{ user(ref: {externalId: "C-1001"}) { displayName } }')).user;
  assert.equal(await found(), null, "checking changes nothing");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("main").getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("dialog").getByText("Done, some rows refused").waitFor();
  assert.equal((await found()).displayName, "Ada Byron");
  assert.deepEqual(console.complaints, []);
});

test("an endpoint gets its secret once, another one on request, and goes after a question", async (t) => {
  const console = await open(t, undefined, `/t/${sandbox.slug}/integrate/webhooks`);
  const { page } = console;
  await page.getByRole("button", { name: "Add an endpoint" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("http://127.0.0.1/hooks");
  await dialog.getByRole("button", { name: "Add an endpoint" }).click();
  await dialog.getByText(/https/).last().waitFor();
  await dialog.getByLabel("Address").fill("https://hooks.example.com/postern");
  await dialog.getByRole("button", { name: "Add an endpoint" }).click();
  const first = await dialog.locator("code").textContent();
  assert.match(first, /^whsec_/);
  await console.press("I have it");
  await page.getByRole("article").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Rotate the secret" }).click();
  await dialog.getByRole("button", { name: "Rotate the secret" }).click();
  await dialog.locator("code").waitFor();
  assert.notEqual(await dialog.locator("code").textContent(), first);
  await page.keyboard.press("Escape");
  await page.getByRole("article").getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete the endpoint" }).click();
  await dialog.getByRole("button", { name: "Delete the endpoint" }).click();
  await console.reads("No endpoints yet");
});
