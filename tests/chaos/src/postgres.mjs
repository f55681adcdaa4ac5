// A PostgreSQL of our own that is killed, started again, copied and promoted. Durability is that of an
// installation: nothing is switched off. PostgreSQL refuses to run as root, so root's runs as `postgres`.

import { execFile, execFileSync, spawn } from "node:child_process";
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { appendFile, rename, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { leash } from "./leash.mjs";

const run = promisify(execFile);
const PATIENCE = 60_000;
const STEP = 50;
const PORT = 54330;
const SOCKET = `.s.PGSQL.${PORT}`;
const SETTINGS = `
listen_addresses = ''
port = ${PORT}
max_connections = 100
# In the data's own folder: what is killed and never started again leaves nothing behind elsewhere.
dynamic_shared_memory_type = mmap
shared_buffers = 64MB
max_wal_senders = 4
wal_level = replica
hot_standby = on
wal_keep_size = 256MB
max_wal_size = 512MB
log_min_messages = fatal
`;

/** Where the server's programs are: POSTERN_PG_BIN, the PATH, or where packages put them, newest first. */
export function programs() {
  const packaged = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt"].flatMap((base) =>
    existsSync(base) ? readdirSync(base).map((name) => path.join(base, name, "bin")) : []);
  packaged.sort((one, other) => (Number(/(\d+)\D*bin$/.exec(other)?.[1]) || 0) - (Number(/(\d+)\D*bin$/.exec(one)?.[1]) || 0));
  const folders = [process.env.POSTERN_PG_BIN, ...packaged, ...(process.env.PATH ?? "").split(":")].filter(Boolean);
  const found = folders.find((folder) => existsSync(path.join(folder, "initdb")) && existsSync(path.join(folder, "pg_basebackup")));
  if (!found) throw new Error("no PostgreSQL was found: set POSTERN_PG_BIN to the folder that holds initdb");
  return found;
}

/** The account by which root runs PostgreSQL; of everybody else it is their own. */
function account() {
  if (process.getuid() !== 0) return {};
  const passwd = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = passwd.find(([name]) => name === "postgres") ?? passwd.find(([name]) => name === "nobody");
  return { uid: Number(uid), gid: Number(gid) };
}

export const ACCOUNT = account();
const BIN = programs();

/** A folder that the server's account can write in, and nobody else enter. */
export function folderForServer(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (ACCOUNT.uid !== undefined) chownSync(folder, ACCOUNT.uid, ACCOUNT.gid);
  return folder;
}

/** A program of PostgreSQL's, as the account that owns the data. */
function program(name, args, options = {}) {
  return run(path.join(BIN, name), args, { ...ACCOUNT, cwd: "/", ...options });
}

/** Every process below this one, itself included. */
function family(pid) {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent) => pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return [pid, ...below(pid)];
}

/** One server: its data, its socket, its process. */
export class Server {
  constructor(folder) {
    this.folder = folder;
    this.data = path.join(folder, "data");
    this.sockets = path.join(folder, "socket");
  }

  /** An empty one, made from nothing. */
  static async make(folder) {
    const server = new Server(folder);
    folderForServer(folder);
    folderForServer(server.sockets);
    await program("initdb", ["-D", server.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]);
    await appendFile(path.join(server.data, "postgresql.conf"), SETTINGS);
    return server;
  }

  /** A copy of one that is stopped. */
  static async copy(from, folder) {
    const server = new Server(folder);
    folderForServer(folder);
    folderForServer(server.sockets);
    await run("cp", ["-a", from.data, server.data]);
    return server;
  }

  /** A standby of one that runs: what that one has acknowledged by and by reaches it. */
  static async standbyOf(primary, folder) {
    const server = new Server(folder);
    folderForServer(folder);
    folderForServer(server.sockets);
    await program("pg_basebackup", ["-h", primary.sockets, "-p", String(PORT), "-U", "postgres", "-D", server.data,
      "-X", "stream", "-R", "--checkpoint=fast", "--no-sync"]);
    await server.start();
    return server;
  }

  get url() {
    return this.urlOf("postgres");
  }

  urlOf(role, sockets = this.sockets) {
    return `postgres://${role}@localhost:${PORT}/postern?host=${encodeURIComponent(sockets)}`;
  }

  get running() {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async start() {
    this.child = spawn(path.join(BIN, "postgres"), ["-D", this.data, "-k", this.sockets], { ...ACCOUNT, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    leash(this.child);
    this.said = "";
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (data) => (this.said = (this.said + data).slice(-4_000)));
    this.gone = new Promise((resolve) => this.child.once("exit", resolve));
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      if (!this.running) throw new Error(`PostgreSQL ended:\n${this.said}`);
      const ready = await program("pg_isready", ["-q", "-h", this.sockets, "-p", String(PORT)]).then(() => true, () => false);
      if (ready) return;
      await sleep(STEP);
    }
    throw new Error(`PostgreSQL did not get ready:\n${this.said}`);
  }

  /** kill -9 of the postmaster and of everything it began: what was not written is lost. */
  async kill() {
    if (!this.running) return;
    for (const pid of family(this.child.pid)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It was gone already.
      }
    }
    await this.gone;
  }

  async stop() {
    if (!this.running) return;
    this.child.kill("SIGINT");
    await this.gone;
  }

  /** What a statement answers (several, in one session): unaligned, a row a line. */
  async ask(sql, database = "postern") {
    const statements = [sql].flat().flatMap((statement) => ["-c", statement]);
    const { stdout } = await program("psql", ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", this.sockets, "-p", String(PORT), "-U", "postgres", "-d", database, ...statements]);
    return stdout.trim();
  }

  /** Tells its standby nothing from now on, as if the network between them had ended. */
  async silence() {
    const sender = Number(await this.ask("select pid from pg_stat_replication", "postgres"));
    process.kill(sender, "SIGSTOP");
  }

  /** The standby becomes a primary; returns once it takes writes. */
  async promote() {
    await this.ask("select pg_promote(true, 30)", "postgres");
    await this.until("select not pg_is_in_recovery()");
  }

  async until(question) {
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      if ((await this.ask(question, "postgres").catch(() => "")) === "t") return;
      await sleep(STEP);
    }
    throw new Error(`never so: ${question}`);
  }

  async remove() {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Points a folder's socket at a server's: whoever connects there meets it from now on. */
export async function lead(folder, server) {
  const next = path.join(folder, "next");
  await rm(next, { force: true });
  await symlink(path.join(server.sockets, SOCKET), next);
  await rename(next, path.join(folder, SOCKET));
}

export function executable(file) {
  accessSync(file, constants.X_OK);
  return file;
}
