// One server and one browser for all files of a run: to start them takes longer than most tests.

import { after } from "node:test";

import { Server } from "../../../tests/stories/support/server.mjs";
import { launch } from "./console.mjs";

let begun;

/** The server with its demo, a browser, and the demo's sandbox; `settings` count for whoever asks first. */
export function world(settings = {}) {
  return (begun ??= begin(settings));
}

async function begin(settings) {
  // One after the other: a browser whose server did not come up would keep the run from ending.
  const server = await Server.start(settings);
  const browser = await launch();
  return { server, browser, sandbox: server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX") };
}

after(async () => {
  const { server, browser } = (await begun?.catch(() => undefined)) ?? {};
  await browser?.close();
  await server?.stop();
});
