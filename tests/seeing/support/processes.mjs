// What a test starts beside Prometheus: `postern dev`, a gateway for texts, a webhook's endpoint, a collector of traces.

import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../stories/support/ports.mjs";
import { ROOT } from "./rules.mjs";

const PROGRAM = process.env.POSTERN_BIN ?? path.join(ROOT, "target/debug/postern");
const PATIENCE = 120_000;

/** An HTTP server that answers `status` and keeps what it was sent. */
export class Sink {
  requests = [];

  static async start(status) {
    const sink = new Sink();
    sink.server = http.createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        sink.requests.push({ url: request.url, body: Buffer.concat(parts) });
        response.writeHead(status).end();
      });
    });
    await new Promise((resolve) => sink.server.listen(0, "127.0.0.1", resolve));
    sink.url = `http://127.0.0.1:${sink.server.address().port}`;
    return sink;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** `postern dev` on free ports and in a folder of its own. */
export class Postern {
  log = [];

  static async start(environment) {
    const server = new Postern();
    server.folder = mkdtempSync(path.join(tmpdir(), "postern-seeing-"));
    // PostgreSQL may run as another account, which must get through.
    chmodSync(server.folder, 0o711);
    const places = { POSTERN_DATA_DIR: server.folder, POSTERN_LISTEN: `localhost:${await freePort()}`, POSTERN_DEMO__LISTEN: `localhost:${await freePort()}` };
    // A slow machine is waited for.
    Object.assign(places, { POSTERN_DATABASE__TIMEOUT_MS: "5000" });
    server.child = spawn(PROGRAM, ["dev"], { cwd: ROOT, env: { ...process.env, ...places, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [server.child.stdout, server.child.stderr]) stream.on("data", (data) => server.log.push(data));
    process.once("exit", () => server.child.kill("SIGTERM"));
    await server.#ready();
    return server;
  }

  async #ready() {
    for (const end = Date.now() + PATIENCE; Date.now() < end && this.child.exitCode === null; await sleep(100)) {
      try {
        this.facts = JSON.parse(readFileSync(path.join(this.folder, "dev.json"), "utf8"));
        return;
      } catch {
        // It is written once everything answers.
      }
    }
    throw new Error(`the server did not get ready:\n${Buffer.concat(this.log)}`);
  }

  /** One mutation; the whole answer. */
  async mutate(key, name, input, fields) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const query = `mutation($input: ${type}) { ${name}(input: $input) { ${fields} userErrors { code message } } }`;
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const response = await fetch(this.facts.graphql, { method: "POST", headers, body: JSON.stringify({ query, variables: { input } }), signal: AbortSignal.timeout(20_000) });
    const { data, errors } = await response.json();
    if (errors) throw new Error(`${name}: ${JSON.stringify(errors)}\n${Buffer.concat(this.log)}`);
    return { payload: data[name], trace: response.headers.get("x-trace-id") };
  }

  async stop() {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await Promise.race([gone, sleep(30_000)]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
