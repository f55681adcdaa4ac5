// What happens is seen while it happens: by WebSocket, where none gets through by a stream, and where
// nothing does by looking now and then, which must not become a storm.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { Api } from "../../tests/stories/support/api.mjs";
import { Console } from "./support/console.mjs";
import { world } from "./support/world.mjs";

// A second where the machine is quiet; a line that did not speak would be found by the look every eight.
const AT_ONCE_MS = 4_000;

let server;
let browser;
let sandbox;
let api;

before(async () => {
  ({ server, browser, sandbox } = await world());
  api = new Api(server.facts.graphql, sandbox.apiKey);
});

/** A help desk's window; `prepare` may stand between it and the server. */
async function desk(t, role, prepare = async () => undefined) {
  const console = await Console.open(browser, server);
  t.after(() => console.close());
  await prepare(console.context);
  await console.signIn(role, `/t/${sandbox.slug}/requests`);
  await console.reads("People who cannot get in");
  return console;
}

async function askForHelp(user, note) {
  const login = await api.evaluate(user, { purpose: "STEP_UP" });
  await api.must("requestTemporaryAccess", { loginId: login.id, note }, "request { id }");
}

/** How long it takes until all of them show it. */
async function seenAfter(desks, user, note) {
  await askForHelp(user, note);
  const before = performance.now();
  await Promise.all(desks.map((one) => one.reads(note)));
  return performance.now() - before;
}

const card = ({ page }, note) => page.getByRole("article").filter({ hasText: note });

async function letIn(desk, note) {
  await card(desk, note).getByRole("button", { name: "Let in" }).click();
  await desk.page.getByRole("dialog").getByRole("textbox").fill("Called back");
  await desk.press("Get the code");
  await desk.page.getByRole("dialog").locator("code").waitFor();
  await desk.press("I have it");
  await card(desk, note).waitFor({ state: "detached" });
}

/** Time passes for the page, while what it began meanwhile comes about. */
async function pass(page, minutes) {
  for (let quarter = 0; quarter < minutes * 4; quarter += 1) await page.clock.runFor(15_000);
}

const refuseSockets = (context) => context.routeWebSocket(/\/graphql$/, (socket) => socket.close({ code: 1013, reason: "no" }));
const isStream = (request) => request.headers().accept === "text/event-stream";
const refuseStreams = (context) => context.route("**/graphql", (route) => (isStream(route.request()) ? route.fulfill({ status: 503, body: "{}" }) : route.fallback()));

test("a request is on the screens of all who help within a second, and off them when one has answered", async (t) => {
  const desks = await Promise.all(["SUPPORT", "ADMIN"].map((role) => desk(t, role)));
  await Promise.all(desks.map((one) => one.listens()));
  const took = await seenAfter(desks, "mina.sato", "Dropped it into the canal");
  assert.ok(took < AT_ONCE_MS, `it took ${took} ms`);
  const [first, second] = desks;
  await letIn(first, "Dropped it into the canal");
  await card(second, "Dropped it into the canal").waitFor({ state: "detached" });
  for (const one of desks) assert.deepEqual(one.complaints, []);
});

test("a desk that hears of everything asks nothing while nothing happens", async (t) => {
  const one = await desk(t, "SUPPORT", (context) => context.clock.install());
  await one.listens();
  await one.settled();
  one.asked.length = 0;
  await pass(one.page, 5);
  assert.deepEqual(one.asked, []);
  assert.equal(one.lines.length, 1);
});

test("where no socket gets through, a stream tells it as fast", async (t) => {
  const one = await desk(t, "SUPPORT", refuseSockets);
  await one.listens();
  const took = await seenAfter([one], "grace.osei", "New phone, old number");
  assert.ok(took < AT_ONCE_MS, `it took ${took} ms`);
  await letIn(one, "New phone, old number");
});

test("where nothing gets through, the page looks now and then, and makes no storm of it", async (t) => {
  const one = await desk(t, "SUPPORT", async (context) => {
    await context.clock.install();
    await refuseSockets(context);
    await refuseStreams(context);
  });
  one.lines.length = one.asked.length = 0;
  await pass(one.page, 5);
  assert.ok(one.lines.length >= 2 && one.lines.length <= 20, `${one.lines.length} attempts to listen`);
  assert.ok(one.asked.length <= 80, `${one.asked.length} questions`);
  await askForHelp("paul.becker", "Locked out again");
  await pass(one.page, 1);
  await one.reads("Locked out again");
  await letIn(one, "Locked out again");
});

test("who helps by phone sees the code arrive, a wrong one be given and the right one let the client in", async (t) => {
  const login = await api.evaluate("ines.moreau", { purpose: "STEP_UP" });
  const { challenge } = await api.start(login, login.methods.find(({ channel }) => channel === "SMS"));
  const code = await api.code(challenge);
  const one = await desk(t, "SUPPORT");
  await one.go(`/t/${sandbox.slug}/users?search=Ines`);
  await one.follow("Ines Moreau");
  await one.listens();
  const waits = one.page.getByRole("main").getByRole("link").filter({ hasText: `${challenge.attemptsRemaining} tries left` });
  await waits.waitFor();
  // Just after it has looked by itself, so that what comes now comes by being told.
  await looks(one);
  await tells(one, `${challenge.attemptsRemaining - 1} tries left`, () => api.verify(challenge, code === "000000" ? "000001" : "000000"));
  await looks(one);
  await tells(one, "proved by text message", () => api.verify(challenge, code));
  await one.page.getByRole("main").getByRole("link").filter({ hasText: "proved by text message" }).first().click();
  await one.page.getByRole("dialog").getByText("Proved", { exact: true }).waitFor();
  assert.deepEqual(one.complaints, []);
});

/** Until the page has asked for the person it shows once more. */
async function looks({ page }) {
  await page.waitForResponse((response) => response.request().postData()?.includes("query User(") ?? false);
}

/** What is done is on the screen before the page would look again. */
async function tells({ page }, words, act) {
  const latest = page.getByRole("main").locator("a", { has: page.locator("time") }).first();
  const before = performance.now();
  await act();
  await latest.filter({ hasText: words }).waitFor();
  const took = performance.now() - before;
  assert.ok(took < AT_ONCE_MS, `it took ${took} ms`);
}
