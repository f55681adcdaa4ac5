// Twilio's side: takes texts and calls (checked by prism against Twilio's published description, where that
// file is here), and reports as the package `twilio` signs.

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import twilio from "twilio";

import { freePort } from "../../stories/support/ports.mjs";
import { eventually } from "./postern.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));

export const ACCOUNT = `AC${"0123456789abcdef".repeat(2)}`;
export const TOKEN = "0123456789abcdef0123456789abcdef";

/**
 * Twilio's description of its API (github.com/twilio/twilio-oai). It is not ours to hand on, so it may not be
 * here: it is looked for where POSTERN_TWILIO_DESCRIPTION says, or in a folder `specs` beside this repository.
 */
const NAME = "twilio_api_v2010.json";
export const description = process.env.POSTERN_TWILIO_DESCRIPTION ?? beside() ?? NAME;

function beside() {
  const around = path.resolve(here, "../../..");
  const folders = readdirSync(around, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map((folder) => path.join(around, folder.name, "specs", NAME)).find(existsSync);
}

export class Twilio {
  #server;
  #prism;
  requests = [];
  refuses = false;

  static async start() {
    const stand = new Twilio();
    stand.#server = createServer((request, response) => stand.#answer(request, response));
    stand.#server.listen(0, "127.0.0.1");
    await once(stand.#server, "listening");
    return stand;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** From now on every request is shown to prism as well. */
  async checkByPrism() {
    const port = await freePort();
    const prism = path.join(here, "node_modules/.bin/prism");
    this.#prism = spawn(prism, ["mock", "--errors", "-p", String(port), description], { stdio: "ignore" });
    this.prismUrl = `http://127.0.0.1:${port}`;
    await eventually(() => fetch(this.prismUrl).then(() => true, () => false), 60_000);
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#prism?.kill();
  }

  async #answer(request, response) {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const params = Object.fromEntries(new URLSearchParams(body));
    const call = request.url.endsWith("/Calls.json");
    const seen = { url: request.url, headers: request.headers, params, call, sid: `${call ? "CA" : "SM"}${String(this.requests.length).padStart(32, "0")}` };
    if (this.prismUrl) seen.prism = await this.#showToPrism(request, body);
    this.requests.push(seen);
    const [status, answer] = this.refuses ? [400, { code: 21408, message: "no permission", status: 400 }] : [201, { sid: seen.sid, status: "queued" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  async #showToPrism(request, body) {
    const { authorization, "content-type": type } = request.headers;
    const headers = { authorization, "content-type": type };
    const shown = await fetch(this.prismUrl + request.url, { method: request.method, headers, body });
    return { status: shown.status, said: await shown.text() };
  }

  /** The request that was made for this number. */
  requestTo(phone) {
    return eventually(() => this.requests.find((request) => request.params.To === phone));
  }
}

/** Posts as Twilio does; `tamper` changes what was signed. */
export async function post(url, params, tamper = {}) {
  const signature = tamper.signature ?? twilio.getExpectedTwilioSignature(TOKEN, url, params);
  const body = new URLSearchParams({ ...params, ...tamper.params });
  const response = await fetch(url, { method: "POST", headers: { "x-twilio-signature": signature }, body });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

export const hasDescription = existsSync(description);
