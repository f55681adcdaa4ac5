import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { PAGES, firstLoad } from "../scripts/size.mjs";

const MOST = 250_000;

it("the first page loads under 250 kB of compressed script, whichever it is", () => {
  expect(existsSync("dist/index.html"), "npm run build comes first").toBe(true);
  for (const page of PAGES) {
    const size = firstLoad(page);
    console.log(`${page}: ${(size / 1000).toFixed(0)} kB of compressed script`);
    expect(size, page).toBeLessThan(MOST);
  }
});
