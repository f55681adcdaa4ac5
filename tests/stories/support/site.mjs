// The demo website as a person uses it: by the words on its buttons and fields.

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { number } from "./people.mjs";

/** A busy machine draws slowly: what comes at all is waited for. */
export const PATIENCE_MS = 90_000;

let visitors = 0;

export function launch() {
  return chromium.launch({
    executablePath: process.env.POSTERN_BROWSER || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

export class Site {
  /** Who asks for the second factor: the site itself by the API, or Postern's hosted pages (`hosted`). */
  way = "api";

  /** A browser on the demo website of this server; `api` reads the sandbox's inbox. */
  static async open(server, api, options = {}) {
    const browser = await launch();
    const context = await browser.newContext({ baseURL: server.facts.demo.url, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Site(browser, context, await context.newPage(), api);
  }

  constructor(browser, context, page, api) {
    this.browser = browser;
    this.context = context;
    this.page = page;
    this.api = api;
  }

  close() {
    return this.browser.close();
  }

  go(place) {
    return this.page.goto(place);
  }

  /** Presses a button by its words. */
  press(name) {
    return this.page.getByRole("button", { name }).first().click();
  }

  follow(name) {
    return this.page.getByRole("link", { name }).first().click();
  }

  /** Waits until these words can be read. */
  reads(words) {
    return this.page.getByText(words).first().waitFor();
  }

  arrives(place) {
    return this.page.waitForURL(place);
  }

  /** How many buttons with these words there are. */
  buttons(name) {
    return this.page.getByRole("button", { name }).count();
  }

  /** Opens an account that nobody else uses. */
  async becomeClient(displayName) {
    visitors += 1;
    const externalId = `visitor.${visitors}`;
    const user = { externalId, password: "long-enough-1", email: `${externalId}@clients.example` };
    await this.context.clearCookies();
    await this.go("/register");
    await this.page.getByLabel("Your name").fill(displayName);
    await this.page.getByLabel("Username").fill(user.externalId);
    await this.page.getByLabel("Email").fill(user.email);
    await this.page.getByLabel("Password").fill(user.password);
    await this.press("Open the account");
    await this.arrives(/\/sign-in/);
    return user;
  }

  /** The first factor, in a browser that was never here; or in one that was, and was signed out since. */
  async signIn(user, { from, on, way = this.way, sso = false, sameBrowser = false } = {}) {
    await this.context.clearCookies(sameBrowser ? { name: "hl_session" } : {});
    await this.go("/sign-in");
    await this.page.getByLabel("Username").fill(user.externalId);
    if (!sso) await this.page.getByLabel("Password").fill(user.password);
    if (from) await this.page.getByLabel("Where are you?").selectOption(from);
    if (on) await this.page.getByLabel("On what?").selectOption(on);
    await this.page.getByLabel("Who asks for the second factor?").selectOption(way);
    await this.press(sso ? "Staff single sign-on" : /^Sign in$/);
    await this.page.waitForURL((url) => url.pathname !== "/sign-in");
  }

  /** The path of the page. */
  get path() {
    return new URL(this.page.url()).pathname;
  }

  /** The code that comes after a deed and not before it. */
  async codeAfter(deed) {
    const isCode = (message) => message.purpose === "CODE";
    const before = await this.api.inbox(isCode, 0);
    await deed();
    const message = await this.api.inbox((one) => isCode(one) && one.id !== before?.id);
    return /(\d[ ,.-]*){6}/.exec(message.sandboxBody)[0].replace(/\D/g, "").slice(0, 6);
  }

  async enterCode(code, { trust = false } = {}) {
    await this.page.getByLabel("Code").first().fill(code);
    if (trust) await this.page.getByLabel("Trust this device").check();
    await this.press(/^(Continue|Confirm)$/);
  }

  /** Gives a number in the form on the page, and proves it with the code that comes. */
  async enrollPhone(entering) {
    const mobile = number();
    await this.page.getByLabel("Phone number").fill(mobile);
    await this.enterCode(await this.codeAfter(() => this.press("Send me a code")), entering);
    await this.page.waitForURL((url) => url.pathname !== "/factors/code");
    return mobile;
  }

  /** Proves a second factor by the text that the page offers. */
  async proveByText(entering) {
    await this.enterCode(await this.codeAfter(() => this.press(/^Text a code to/)), entering);
    await this.page.waitForURL((url) => !url.pathname.startsWith("/verify"));
  }

  /** Publishes one of the policies that the demo has ready. */
  async publish(title) {
    await this.go("/policy");
    await this.page.getByRole("listitem").filter({ hasText: title }).getByRole("button", { name: "Publish" }).click();
    await this.reads("is in force.");
  }

  /** Moves the sandbox's clock in another tab: the page stays as it is. */
  async moveClock(minutes) {
    const tab = await this.context.newPage();
    await tab.goto("/clock");
    await tab.getByLabel("Or by").fill(String(minutes));
    await tab.getByRole("button", { name: "Move the clock" }).click();
    await tab.getByText("The clock has moved.").waitFor();
    await tab.close();
  }

  async text() {
    const text = await this.page.textContent("main");
    assert.ok(text, "the page says something");
    return text;
  }
}
