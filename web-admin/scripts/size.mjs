// How much script a browser loads before it can draw a page: what the page of index.html names, and
// what the route's own file needs beside it.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const read = (name) => readFileSync(new URL(name, dist));

/** The files that a file imports at once, itself included. */
function closure(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = read(`assets/${file}`).toString();
  for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) closure(other, seen);
  return seen;
}

/** Bytes of script, as they are sent to every browser of today, for the first page whose file begins with this name. */
export function firstLoad(page) {
  const entry = read("index.html").toString().match(/src="\/assets\/([^"]+\.js)"/)[1];
  const route = readdirSync(new URL("assets/", dist)).find((file) => file.startsWith(`${page}-`) && file.endsWith(".js"));
  const files = closure(route, closure(entry));
  const sent = (file) => [`assets/${file}.br`, `assets/${file}`].map((name) => new URL(name, dist)).find((url) => existsSync(url));
  return [...files].reduce((sum, file) => sum + statSync(sent(file)).size, 0);
}

export const PAGES = ["SignIn", "OverviewPage", "UsersPage", "UserPage", "PolicyPage", "BillingPage", "WebhooksTab", "SettingsTab"];

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const page of PAGES) console.log(`${page}: ${(firstLoad(page) / 1000).toFixed(0)} kB of compressed script`);
}
