// A real Prometheus of a test's own, which scrapes every second.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { freePort } from "../../stories/support/ports.mjs";
import { RULES } from "./rules.mjs";

const PATIENCE = 30_000;

export class Prometheus {
  /** Scrapes `target` (host:port), with the rules of infra/seeing. */
  static async start(target) {
    const server = new Prometheus();
    server.folder = mkdtempSync(path.join(tmpdir(), "postern-prometheus-"));
    server.url = `http://127.0.0.1:${await freePort()}`;
    const config = path.join(server.folder, "prometheus.yml");
    writeFileSync(config, stringify(configuration(target)));
    const words = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${server.folder}/data`,
      `--web.listen-address=${new URL(server.url).host}`,
      "--enable-feature=exemplar-storage",
      "--log.level=warn",
    ];
    server.child = spawn("prometheus", words, { stdio: ["ignore", "ignore", "pipe"] });
    server.child.on("error", (error) => server.log.push(`${error}`));
    server.child.stderr.on("data", (data) => server.log.push(data));
    process.once("exit", () => server.child.kill("SIGKILL"));
    await server.until("it is ready", async () => (await fetch(`${server.url}/-/ready`)).ok);
    return server;
  }

  log = [];

  /** Asks until the answer is true; what was asked last goes into the error. */
  async until(what, ask) {
    let last;
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(250)) {
      try {
        last = await ask();
        if (last) return last;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`Prometheus: not before half a minute was up: ${what} (${last})\n${Buffer.concat(this.log.map(Buffer.from))}`);
  }

  /** The series that a query gives now. */
  async query(expr) {
    const answer = await this.ask("query", { query: expr });
    return answer.result;
  }

  async ask(method, parameters) {
    const response = await fetch(`${this.url}/api/v1/${method}?${new URLSearchParams(parameters)}`, { signal: AbortSignal.timeout(10_000) });
    const answer = await response.json();
    if (answer.status !== "success") throw new Error(`${method} ${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  }

  stop() {
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const configuration = (target) => ({
  global: { scrape_interval: "1s", evaluation_interval: "1s" },
  rule_files: [`${RULES}/*.yml`],
  scrape_configs: [{ job_name: "postern", static_configs: [{ targets: [target], labels: { role: "dev" } }] }],
});
