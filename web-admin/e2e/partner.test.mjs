// The console as somebody who answers for a partner would try it: many tenants, one template.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Api } from "../../tests/stories/support/api.mjs";
import { Console } from "./support/console.mjs";
import { world } from "./support/world.mjs";

let server;
let browser;
let base;

before(async () => {
  ({ server, browser } = await world());
  base = `/partner/${server.facts.partner.id}`;
});

async function open(t, place, role = "PARTNER") {
  const console = await Console.open(browser, server);
  t.after(() => console.close());
  await console.signIn(role, place);
  return console;
}

const partnerApi = () => new Api(server.facts.graphql, server.facts.partner.apiKey);
const row = ({ page }, name) => page.getByRole("row").filter({ hasText: name });

test("tenants are found, and one is made with its owner invited", async (t) => {
  const console = await open(t, "/");
  const { page } = console;
  assert.equal(console.place, `${base}/tenants`);
  await console.reads("Meridian Advisors (sandbox)");
  await page.getByRole("searchbox").fill("sandbox");
  await page.waitForURL(/search=sandbox/);
  await console.reads("1 in all");
  await console.press("Create a tenant");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("There is no template").waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("Meridian");
  await dialog.getByLabel("Email of its first administrator").fill("olive@harbor.example");
  await dialog.getByRole("button", { name: "Create a tenant" }).click();
  await dialog.getByText("Another tenant has this slug.").first().waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("Harbor Wealth");
  assert.equal(await dialog.getByLabel("Short name").inputValue(), "harbor-wealth");
  await dialog.getByRole("button", { name: "Create a tenant" }).click();
  await console.reads("An invitation is on its way to olive@harbor.example");
  await page.getByRole("searchbox").fill("harbor");
  await row(console, "Harbor Wealth").getByText("no users yet").waitFor();
  assert.deepEqual(console.complaints, []);
});

test("a template is published with a lock, one tenant is brought to it first, then the rest", async (t) => {
  const console = await open(t, `${base}/template/details`);
  const { page } = console;
  await console.reads("There is no template yet");
  await page.getByLabel("Digits").fill("8");
  await console.follow("Locks");
  await page.getByRole("switch", { name: "Lock: Codes, digits" }).press("Space");
  await page.reload();
  await console.reads("2 changes, not published");
  await page.getByRole("complementary", { name: "Draft" }).getByRole("link", { name: "Review and publish" }).click();
  await console.reads("Locked now:");
  await console.press("Publish the template");
  await console.reads("Template version 1 is published.");
  assert.match(console.place, /template\/tenants$/);
  const tenants = ["Harbor Wealth", "Meridian Advisors (sandbox)"];
  for (const name of tenants) await row(console, name).getByText("Codes: digits").waitFor();
  await page.getByRole("checkbox", { name: "Choose Meridian Advisors (sandbox)" }).check();
  await console.press("Bring 1 chosen to the template");
  await console.press("Bring them");
  await row(console, "Meridian Advisors (sandbox)").getByText("Changed").waitFor();
  const digits = async () => (await partnerApi().as({ "x-postern-tenant": server.facts.tenants[0].id }).query("{ tenant { policy { codes { digits } } } }")).tenant.policy.codes.digits;
  assert.equal(await digits(), 8);
  await console.press("Bring all 2");
  await console.press("Bring them");
  await console.reads("None differs");
  assert.deepEqual(console.complaints, []);
});

test("in one of its tenants a partner's owner sees what the tenant's own see, and not what is the tenant's alone", async (t) => {
  const console = await open(t, `${base}/tenants`);
  const { page } = console;
  await console.follow("Meridian Advisors (sandbox)");
  await page.waitForURL(/\/t\/meridian-sandbox\/overview/);
  await console.follow("Users");
  await console.follow("Carla Nguyen");
  await console.reads("What happened");
  await console.follow("Team");
  await console.reads("Who administers this tenant");
  await console.settled();
  assert.equal(await page.getByRole("button", { name: /Remove/ }).count(), 0);
  console.asked.length = 0;
  await page.reload();
  await console.reads("Who administers this tenant");
  await console.settled();
  assert.ok(new Set(console.asked).size <= 3, `asked ${console.asked.length} times`);
  await page.getByRole("complementary", { name: "Postern" }).getByRole("button", { name: /switch to another/ }).click();
  await page.getByRole("menuitem", { name: /Northgate/ }).click();
  await page.waitForURL(new RegExp(`${base}/tenants`));
  assert.deepEqual(console.complaints, []);
});

test("many tenants come from a file: checked first, refused rows told, then taken in", async (t) => {
  const console = await open(t, `${base}/imports`);
  const { page } = console;
  const rows = ["slug,name,owner_email,environment", "quay-trust,Quay Trust,owner@quay.example,LIVE", "No Slug,Nobody,owner@quay.example,LIVE"];
  await page.locator("input[type=file]").setInputFiles({ name: "firms.csv", mimeType: "text/csv", buffer: Buffer.from(`${rows.join("\n")}\n`) });
  await page.getByRole("checkbox", { name: "A sandbox beside each live tenant" }).check();
  await console.press("Check it, change nothing");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Done, some rows refused").waitFor();
  await dialog.getByText("Would be made").waitFor();
  const refused = page.waitForEvent("download");
  await dialog.getByRole("link", { name: "All refused rows as CSV" }).click();
  assert.match((await refused).suggestedFilename(), /csv$/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("main").getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByText("Made", { exact: true }).waitFor();
  await dialog.getByText("Done, some rows refused").waitFor();
  const { partner } = await partnerApi().query('{ partner { tenants(search: "quay") { edges { node { slug environment } } } } }');
  assert.deepEqual(partner.tenants.edges.map(({ node }) => `${node.slug} ${node.environment}`), ["quay-trust LIVE", "quay-trust-sandbox SANDBOX"]);
  assert.deepEqual(console.complaints, []);
});

test("who does not answer for the partner sees nothing of it", async (t) => {
  const console = await open(t, `${base}/tenants`, "ADMIN");
  await console.reads("This address leads nowhere");
  await console.go("/t/harbor-wealth/overview");
  await console.reads("This address leads nowhere");
});
