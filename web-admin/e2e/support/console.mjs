// The console as an administrator uses it: by the words on its buttons and fields.

import { createHmac } from "node:crypto";
import { chromium } from "playwright-core";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;
/** A busy machine draws slowly: what comes at all is waited for, and a test that hangs ends by its own limit. */
const PATIENCE_MS = 90_000;
const QUIET_MS = 120;
const LOOK_MS = 20;

/** What an authenticator app shows for this secret. */
export function appCode(secret, at = Date.now()) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / STEP_MS)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.POSTERN_BROWSER || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export class Console {
  #underWay = new Set();

  /** A browser window of its own. */
  static async open(browser, server, options = {}) {
    const context = await browser.newContext({ baseURL: server.facts.url, viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Console(server, context, await context.newPage());
  }

  constructor(server, context, page) {
    this.server = server;
    this.context = context;
    this.page = page;
    this.complaints = [];
    this.asked = [];
    /** Attempts to listen, by socket or by stream, and whether one came about. */
    this.lines = [];
    this.isHeard = false;
    page.on("console", (message) => { if (message.type() === "error" && !/status of (401|403|404|503)/.test(message.text())) this.complaints.push(message.text()); });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("websocket", (socket) => {
      this.lines.push(socket.url());
      socket.on("framereceived", ({ payload }) => { this.isHeard ||= String(payload).includes("connection_ack"); });
    });
    page.on("response", (response) => { this.isHeard ||= response.headers()["content-type"]?.startsWith("text/event-stream") ?? false; });
    page.on("request", (request) => this.#underWay.add(request));
    for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => this.#underWay.delete(request));
    page.on("framenavigated", () => this.#underWay.clear());
    page.on("request", (request) => {
      if (request.headers().accept === "text/event-stream") return this.lines.push(request.url()); if (/\/(graphql|auth\/)/.test(request.url())) this.asked.push(`${request.url()} ${request.postData() ?? ""}`);
    });
  }

  close() {
    return this.context.close();
  }

  go(place) {
    return this.page.goto(place);
  }

  press(name) {
    return this.page.getByRole("button", { name }).click();
  }

  follow(name) {
    return this.page.getByRole("link", { name }).first().click();
  }

  reads(words) {
    return this.page.getByText(words).first().waitFor();
  }

  field(label) {
    return this.page.getByLabel(label);
  }

  /** Who has this role in the demo; the first tenant's owner where none is named. `PARTNER`: who answers for the partner. */
  who(role) {
    if (role === "PARTNER") return this.server.facts.partner.admin;
    return role ? this.server.facts.roles.find((admin) => admin.role === role) : this.server.facts.admin;
  }

  async givePassword({ email, password }) {
    await this.field("Email").fill(email);
    await this.page.getByRole("textbox", { name: "Password" }).fill(password);
    await this.press("Continue");
  }

  /** A code of an app works once: the next sign-in of the same person waits for the next one. */
  async giveCode({ email, totpSecret }) {
    const used = this.server.usedSteps ??= new Map();
    const earlier = used.get(email) ?? 0;
    while (Math.floor(Date.now() / STEP_MS) <= earlier) await new Promise((resolve) => setTimeout(resolve, 500));
    used.set(email, Math.floor(Date.now() / STEP_MS));
    await this.field("Code").fill(appCode(totpSecret));
    await this.press("Sign in");
  }

  /** In by password and code the first time; another window of the same person shares the session, as tabs do,
   * since the app's next code would be half a minute away. */
  async signIn(role, place = "/") {
    const who = this.who(role);
    const sessions = this.server.sessions ??= new Map();
    sessions.set(who.email, sessions.get(who.email) ?? this.#begin(who));
    await this.context.addCookies(await sessions.get(who.email));
    await this.go(place);
    await this.page.waitForURL(/\/(t|partner)\//);
    return who;
  }

  /** For the next windows of this person. */
  share(role) {
    (this.server.sessions ??= new Map()).set(this.who(role).email, this.context.cookies());
  }

  /** A session, begun at the door. */
  async #begin(who) {
    await this.go("/");
    await this.page.waitForURL(/\/sign-in/);
    await this.givePassword(who);
    await this.giveCode(who);
    await this.page.waitForURL(/\/(t|partner)\//);
    return this.context.cookies();
  }

  /** Until the page is told what happens. */
  async listens() {
    for (let waited = 0; !this.isHeard; waited += 20) {
      if (waited > PATIENCE_MS) throw new Error("the page does not listen");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The page's last part, with what stands behind the `?`. */
  get place() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** Until nothing is on its way any more, and has not been for a moment. */
  async settled() {
    for (let quiet = 0, waited = 0; quiet < QUIET_MS; waited += LOOK_MS) {
      if (waited > PATIENCE_MS) throw new Error(`${this.page.url()} does not settle: ${[...this.#underWay].map((request) => request.url())}`);
      quiet = this.#underWay.size === 0 && !(await this.#loads()) ? quiet + LOOK_MS : 0;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #loads() {
    return this.page.evaluate(() => document.readyState !== "complete" || document.querySelector('[role="status"][aria-label="Loading"], #console:empty') !== null).catch(() => true);
  }
}
