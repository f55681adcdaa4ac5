// What stands beside Postern: PostgreSQL, PgBouncer, Redis and HAProxy, the real ones, each on a free port.

import { stat } from "node:fs/promises";
import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "../../stories/support/ports.mjs";
import { Child, until } from "./children.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Whether somebody takes connections there. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** A part that can be ended and started again, on the same port. */
class Part {
  /** It is started until it stays: a PostgreSQL does not before the last process of a killed one is gone. */
  async up() {
    this.child = this.start();
    const ready = () => {
      if (!this.child.running) this.child = this.start();
      return this.answers();
    };
    await until(`${this.constructor.name} answers`, ready, 60_000, () => this.child.log);
  }

  answers() {
    return answers(this.port);
  }

  kill() {
    return this.child.kill();
  }

  async down() {
    await this.child?.stop();
  }
}

/** The server that `postern dev` had made, with its data. */
export class Postgres extends Part {
  static async of(folder) {
    const part = Object.assign(new Postgres(), { folder, data: path.join(folder, "postgres/data"), port: await freePort() });
    const { uid, gid } = await stat(part.data);
    part.account = process.getuid() === 0 ? { uid, gid } : {};
    part.program = /"?([^"\s]+\/postgres)"?/.exec(readFileSync(path.join(part.data, "postmaster.opts"), "utf8"))[1];
    part.password = readFileSync(path.join(folder, "postgres/superuser-password"), "utf8").trim();
    await part.up();
    return part;
  }

  start() {
    const settings = { listen_addresses: "127.0.0.1", port: this.port, unix_socket_directories: "", max_connections: 100 };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return new Child("postgres", this.program, ["-D", this.data, ...args], this.account);
  }

  /** It takes connections before it lets anybody in: only then it asks for a password. */
  answers() {
    const parameters = Buffer.from("user\0postgres\0database\0postern\0\0");
    const startup = Buffer.concat([Buffer.alloc(8), parameters]);
    startup.writeInt32BE(startup.length, 0);
    startup.writeInt32BE(3 << 16, 4);
    return new Promise((resolve) => {
      const socket = createConnection({ port: this.port, host: "127.0.0.1" }, () => socket.write(startup));
      socket.once("data", (data) => resolve(data.toString("latin1", 0, 1) === "R"));
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.once("data", () => socket.destroy());
    });
  }

  url(user, password, port = this.port) {
    return `postgres://${user}:${password}@127.0.0.1:${port}/postern`;
  }
}

/** In transaction mode, with fewer connections than its clients have. */
export class PgBouncer extends Part {
  static async before(postgres, password) {
    const part = Object.assign(new PgBouncer(), { postgres, port: await freePort() });
    const folder = path.join(postgres.folder, "postgres");
    part.file = path.join(folder, "pgbouncer.ini");
    const users = path.join(folder, "pgbouncer-users.txt");
    writeFileSync(users, `"postern_app" "${password}"\n`, { mode: 0o600 });
    const text = readFileSync(path.join(ROOT, "infra/pgbouncer/pgbouncer.ini"), "utf8")
      .replace("host=DATABASE-HOST", `host=127.0.0.1 port=${postgres.port}`)
      .replace(/^listen_addr = .*/m, "listen_addr = 127.0.0.1")
      .replace(/^listen_port = .*/m, `listen_port = ${part.port}`)
      .replace(/^auth_file = .*/m, `auth_file = ${users}`)
      .replace(/^default_pool_size = .*/m, "default_pool_size = 20")
      .replace(/^server_tls_sslmode = .*/m, "server_tls_sslmode = disable");
    writeFileSync(part.file, text, { mode: 0o600 });
    const { uid, gid } = postgres.account;
    if (uid !== undefined) for (const file of [part.file, users]) chownSync(file, uid, gid);
    await part.up();
    return part;
  }

  start() {
    return new Child("pgbouncer", "pgbouncer", [this.file], this.postgres.account);
  }
}

/** Remembers nothing beyond its process. */
export class Redis extends Part {
  static async make() {
    const part = Object.assign(new Redis(), { port: await freePort() });
    await part.up();
    return part;
  }

  start() {
    return new Child("redis", "redis-server", ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }
}

/** The balancer as `infra/haproxy/haproxy.cfg` has it, but for addresses and TLS. */
export class HaProxy extends Part {
  static async before(gateways, folder) {
    const part = Object.assign(new HaProxy(), { port: await freePort(), socket: path.join(folder, "haproxy.sock") });
    part.file = path.join(folder, "haproxy.cfg");
    const names = ["one", "two", "three"];
    let text = readFileSync(path.join(ROOT, "infra/haproxy/haproxy.cfg"), "utf8")
      .replace("/run/haproxy/admin.sock", part.socket)
      .replace(/^ *bind :443.*\n/m, "")
      .replace(/^ *bind :80$/m, `    bind 127.0.0.1:${part.port}`)
      .replace(/^ *http-request (redirect|deny).*\n/gm, "");
    names.forEach((name, at) => (text = text.replace(new RegExp(`server ${name} \\S+`), `server ${name} 127.0.0.1:${gateways[at].port}`)));
    writeFileSync(part.file, text);
    chmodSync(part.file, 0o600);
    await part.up();
    return part;
  }

  start() {
    return new Child("haproxy", "haproxy", ["-db", "-f", this.file]);
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  /** How many gateways it sends requests to now. */
  async serving() {
    const told = await new Promise((resolve, reject) => {
      const socket = createConnection(this.socket);
      let text = "";
      socket.setEncoding("utf8").on("data", (data) => (text += data));
      socket.once("end", () => resolve(text));
      socket.once("error", reject);
      socket.end("show stat\n");
    });
    const [head, ...rows] = told.trim().split("\n").map((line) => line.split(","));
    const at = Object.fromEntries(head.map((name, index) => [name.replace("# ", ""), index]));
    const isGateway = (row) => row[at.pxname] === "gateways" && row[at.svname] !== "BACKEND";
    return rows.filter((row) => isGateway(row) && row[at.status].startsWith("UP")).length;
  }
}
