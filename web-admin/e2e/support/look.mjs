// A page as people see it: in both themes, wide and on a phone. What axe finds, what overflows, and pictures for
// whoever wants them (POSTERN_SHOTS: the folder).

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export const SHOTS = process.env.POSTERN_SHOTS;
const THEMES = ["light", "dark"];
export const SIZES = [{ width: 1280, height: 900 }, { width: 390, height: 844 }];
export const EVERY = THEMES.flatMap((theme) => SIZES.map((size) => ({ theme, size })));
/** Both themes and both sizes; each with each for pictures alone. */
const LOOKS = SHOTS ? EVERY : [EVERY[0], EVERY[3]];

/** Another theme and size; nothing moves on its way there. */
export async function wear({ page }, { theme, size }) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.setViewportSize(size);
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
}

/** Looks at a page as it is. */
export async function see({ page }, name, { theme, size }) {
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: path.join(SHOTS, `${name.replace(/\W+/g, "-")}-${theme}-${size.width}.png`), fullPage: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than a window of ${size.width}`);
  // There are no frames of others, so that axe need not open a page of its own for each look.
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode(true).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`);
  assert.deepEqual(found, [], `${name}, ${theme}, ${size.width} px`);
}

/** Looks at a page in both themes, wide and on a phone, and leaves it wide. */
export async function look(console, name) {
  for (const sight of LOOKS) {
    await wear(console, sight);
    await see(console, name, sight);
  }
  await wear(console, LOOKS[0]);
}
