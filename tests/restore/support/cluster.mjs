// A PostgreSQL whose log is archived as it is written, and the same brought back to an earlier moment.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { appendFile, chmod, chown, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { leash } from "../../chaos/src/leash.mjs";

const run = promisify(execFile);
const PATIENCE_MS = 120_000;
const DATABASE = "postern";

/** Where the server's programs are: POSTERN_PG_BIN, the PATH, or where packages put them, newest first. */
function programs() {
  const base = "/usr/lib/postgresql";
  const packaged = existsSync(base) ? readdirSync(base).sort((one, other) => other - one).map((name) => path.join(base, name, "bin")) : [];
  const folders = [process.env.POSTERN_PG_BIN, ...packaged, ...process.env.PATH.split(":")].filter(Boolean);
  const found = folders.find((folder) => ["initdb", "pg_basebackup", "pg_dump"].every((name) => existsSync(path.join(folder, name))));
  if (!found) throw new Error("no PostgreSQL was found: set POSTERN_PG_BIN to the folder that holds initdb");
  return found;
}

const BIN = programs();

/** The account by which root runs PostgreSQL; of everybody else it is their own. */
function account() {
  if (process.getuid() !== 0) return {};
  const passwd = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = passwd.find(([name]) => name === "postgres") ?? passwd.find(([name]) => name === "nobody");
  return { uid: Number(uid), gid: Number(gid) };
}
const ACCOUNT = account();

/** A program of PostgreSQL's, as the account that owns the data; what it printed. */
async function program(name, ...args) {
  const { stdout } = await run(path.join(BIN, name), args, { ...ACCOUNT, cwd: "/", timeout: PATIENCE_MS, maxBuffer: 1 << 26 });
  return stdout;
}

/** A folder that the server's account can write in. */
async function folderOf(...parts) {
  const folder = path.join(...parts);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (ACCOUNT.uid !== undefined) await chown(folder, ACCOUNT.uid, ACCOUNT.gid);
  return folder;
}

export class Cluster {
  /** An empty one in a folder of its own, with an archive beside it, in which every file is whole. */
  static async make(folder, port) {
    const cluster = await Cluster.#in(folder, port);
    cluster.archive = await folderOf(folder, "archive");
    await program("initdb", "-D", cluster.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8");
    await cluster.#set(`
      listen_addresses = '127.0.0.1'
      shared_buffers = 64MB
      dynamic_shared_memory_type = mmap
      wal_level = replica
      archive_mode = on
      archive_command = 'test ! -f ${cluster.archive}/%f && cp %p ${cluster.archive}/part && mv ${cluster.archive}/part ${cluster.archive}/%f'
      log_min_messages = fatal`);
    return cluster;
  }

  static async #in(folder, port) {
    await folderOf(folder);
    return Object.assign(new Cluster(), { data: await folderOf(folder, "data"), sockets: await folderOf(folder, "socket"), port });
  }

  #set(lines) {
    return appendFile(path.join(this.data, "postgresql.conf"), `${lines}\nport = ${this.port}\n`);
  }

  /** A copy of the data as it is while everything goes on: what a restoration begins from. */
  async backUp(folder) {
    const into = await folderOf(folder);
    await program("pg_basebackup", "-h", this.sockets, "-p", String(this.port), "-U", "postgres", "-D", into, "-X", "none", "--checkpoint=fast", "--no-sync");
    return into;
  }

  /** Another server, made of a base backup and the archive, as everything was at a named moment. */
  static async restore({ from, archive, moment, folder, port }) {
    const cluster = await Cluster.#in(folder, port);
    await run("cp", ["-a", `${from}/.`, cluster.data]);
    await cluster.#set(`
      archive_mode = off
      restore_command = 'cp ${archive}/%f %p'
      recovery_target_name = '${moment}'
      recovery_target_action = 'promote'`);
    await writeFile(path.join(cluster.data, "recovery.signal"), "");
    if (ACCOUNT.uid !== undefined) await chown(path.join(cluster.data, "recovery.signal"), ACCOUNT.uid, ACCOUNT.gid);
    await cluster.start();
    for (let waited = 0; (await cluster.sql("select pg_is_in_recovery()", "postgres")).trim() !== "f"; waited += 50) {
      if (waited > PATIENCE_MS) throw new Error(`the server recovers and recovers:\n${cluster.said}`);
      await sleep(50);
    }
    return cluster;
  }

  /** Starts it; it ends with this process, however that ends. */
  async start() {
    const args = ["-D", this.data, "-k", this.sockets];
    this.child = spawn(path.join(BIN, "postgres"), args, { ...ACCOUNT, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    leash(this.child);
    this.said = "";
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (data) => (this.said += data));
    this.ended = once(this.child, "exit");
    for (let waited = 0; ; waited += 50) {
      if (await program("pg_isready", "-q", "-h", this.sockets, "-p", String(this.port)).then(() => true, () => false)) return;
      if (this.child.exitCode !== null || waited > PATIENCE_MS) throw new Error(`PostgreSQL did not start:\n${this.said}`);
      await sleep(50);
    }
  }

  /** As a role, over TCP, as what serves comes; or by the socket. */
  url(role, database = DATABASE) {
    return `postgres://${role}:secret@127.0.0.1:${this.port}/${database}`;
  }

  /** What a statement, or a file of them, says; by a superuser unless somebody else is named. */
  async sql(statement, database = DATABASE, role = "postgres") {
    return program("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", statement, this.url(role, database));
  }

  async file(file, { database = DATABASE, role = "postgres" } = {}) {
    return program("psql", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-c", readFileSync(file, "utf8"), this.url(role, database));
  }

  program(name, ...args) {
    return program(name, ...args);
  }

  /** Waits until everything up to now is in the archive. */
  async archived() {
    const file = (await this.sql("select pg_walfile_name(pg_switch_wal())")).trim();
    for (let waited = 0; !(await readdir(this.archive)).includes(file); waited += 50) {
      if (waited > PATIENCE_MS) throw new Error(`${file} was not archived`);
      await sleep(50);
    }
  }

  /** As when the machine is lost. */
  async lose() {
    if (!this.child || this.child.exitCode !== null) return;
    this.child.kill("SIGQUIT");
    await this.ended;
  }
}
