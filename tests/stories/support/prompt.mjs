// The hosted prompt in a real browser: its pages by what their forms do, in whatever language they are.

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { AxeBuilder } from "@axe-core/playwright";

import { PATIENCE_MS } from "./site.mjs";

const SHOTS = fileURLToPath(new URL("../../../target/prompt-pages", import.meta.url));
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

export class Prompt {
  /** What axe and the widths complained of, page by page. */
  complaints = [];
  seen = new Set();

  /** A browser window of its own, on a prompt that the API opened. */
  static async open(browser, url, options = {}) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    const prompt = new Prompt(context, await context.newPage());
    await prompt.page.goto(url);
    return prompt;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on("console", (message) => message.type() === "error" && this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  close() {
    return this.context.close();
  }

  /** Presses the button of the form that does this, and waits for the page that follows; `nth` of several. */
  async press(act, fields = {}, nth = 0) {
    const form = this.page.locator(`form[action*="/${act}"]`).nth(nth);
    for (const [name, value] of Object.entries(fields)) await form.locator(`[name="${name}"]`).fill(value);
    await Promise.all([this.page.waitForNavigation(), form.locator("button").click()]);
  }

  /** Follows the link to a page of the prompt. */
  async follow(view) {
    await Promise.all([this.page.waitForNavigation(), this.page.locator(`a[href*="view=${view}"]`).first().click()]);
  }

  text() {
    return this.page.textContent("main");
  }

  /** Has this page looked at: by axe, in the dark for its colours, and by its width; and keeps pictures of it. */
  async look(name, language) {
    this.seen.add(name);
    await mkdir(SHOTS, { recursive: true });
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.#axe(`${name}, ${language}, ${colorScheme}`, colorScheme);
      // What is the same in every language is kept once.
      if (language === "en" || colorScheme === "light") await this.#picture(`${name}-${language}-${colorScheme}`, PHONE);
    }
    if (language === "en") await this.#picture(`${name}-${language}-dark`, DESK);
  }

  async #axe(where, colorScheme) {
    // These pages have no frames, for whose sake axe would open another page each time.
    const axe = new AxeBuilder({ page: this.page }).setLegacyMode(true);
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    for (const { id, nodes } of violations) this.complaints.push(`${where}: ${id} at ${nodes.map((node) => node.target).join("; ")}`);
  }

  async #picture(name, size) {
    await this.page.setViewportSize(size);
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) this.complaints.push(`${name} is ${over} pixels wider than ${size.width}`);
    await this.page.screenshot({ path: path.join(SHOTS, `${name}-${size.width}.png`), fullPage: true });
  }
}
