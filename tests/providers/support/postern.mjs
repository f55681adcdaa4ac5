// A Postern of our own with the providers that a test wants, and its LIVE tenant as an integrator calls it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { freePort } from "../../stories/support/ports.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const binary = process.env.POSTERN_BIN ?? path.join(root, "target/debug/postern");
const PATIENCE = 120_000;
const ERRORS = "userErrors { code message }";

let number = 2_000_000 + (process.pid % 1000) * 1000;

/** A number of the United States that nobody was sent anything before. */
export const newNumber = () => `+1415${(number += 1)}`;

/** Waits for what `look` finds. */
export async function eventually(look, patience = 20_000) {
  for (let waited = 0; ; waited += 50) {
    const found = await look();
    if (found) return found;
    assert.ok(waited < patience, `never: ${look}`);
    await sleep(50);
  }
}

export class Postern {
  /** Starts `postern dev` with these settings beside its own. */
  static async start(settings) {
    const folder = await mkdtemp(path.join(tmpdir(), "postern-providers-"));
    // PostgreSQL may run as another account, which must get through.
    await chmod(folder, 0o711);
    const postern = new Postern();
    postern.folder = folder;
    postern.said = "";
    postern.child = spawn(binary, ["dev"], {
      cwd: root,
      env: {
        ...process.env,
        // A slow machine is waited for.
        POSTERN_DATABASE__TIMEOUT_MS: "5000",
        POSTERN_DATA_DIR: folder,
        POSTERN_LISTEN: `localhost:${await freePort()}`,
        POSTERN_DEMO__LISTEN: "localhost:0",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [postern.child.stdout, postern.child.stderr]) stream.on("data", (text) => (postern.said += text));
    postern.ended = new Promise((done) => postern.child.once("exit", done));
    const facts = await eventually(async () => {
      assert.equal(postern.child.exitCode, null, postern.said);
      return readFile(path.join(folder, "dev.json"), "utf8").then(JSON.parse, () => null);
    }, PATIENCE);
    postern.url = facts.url;
    postern.graphql = facts.graphql;
    const live = facts.tenants.find((tenant) => tenant.environment === "LIVE");
    postern.key = live.apiKey;
    postern.supportKey = live.supportApiKey;
    return postern;
  }

  async stop() {
    this.child.kill("SIGTERM");
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  async query(query, variables = {}, key = this.key) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const response = await fetch(this.graphql, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  async mutate(name, input, fields, key = this.key) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const data = await this.query(`mutation($input: ${type}) { ${name}(input: $input) { ${fields} ${ERRORS} } }`, { input }, key);
    assert.deepEqual(data[name].userErrors, [], name);
    return data[name];
  }

  /** A new user begins to enroll this number: a code goes out. */
  async enroll(externalId, phone, channel) {
    await this.mutate("upsertUser", { externalId, kind: "EXTERNAL" }, "user { id }");
    const input = { user: { externalId }, number: phone, ...(channel && { channel }) };
    return this.mutate("enrollPhone", input, "factor { id } challenge { id message { id } }");
  }

  /** A new user is mailed a link that stands in for the password. */
  async mailLink(externalId, email) {
    await this.mutate("upsertUser", { externalId, kind: "EXTERNAL", email }, "user { id }");
    const { tenant } = await this.query("{ tenant { returnUrls } }");
    const input = { user: { externalId }, returnUrl: tenant.returnUrls[0] };
    return (await this.mutate("sendOneTimeLink", input, "message { id }", this.supportKey)).message;
  }

  async message(id) {
    const fields = "id status provider failure sandboxBody deliveredAt timeline { status detail }";
    return (await this.query(`query($id: ID!) { node(id: $id) { ... on Message { ${fields} } } }`, { id })).node;
  }

  /** Waits until the message is this far. */
  becomes(id, status) {
    let message;
    const look = async () => {
      message = await this.message(id);
      return message.status === status && message;
    };
    return eventually(look).catch(() => assert.fail(`never ${status}: ${JSON.stringify(message)}`));
  }
}
