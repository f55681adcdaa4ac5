// The way from one server to the database: it can be closed, fall silent, or lose what is said on it.

import { once } from "node:events";
import { createConnection, createServer } from "node:net";

const LISTENS = 'LISTEN "postern_change"';

/** Where a URL leads: a socket's file, or host and port. */
function target(url) {
  const { hostname, port, searchParams } = new URL(url);
  const folder = searchParams.get("host");
  return folder ? { path: `${folder}/.s.PGSQL.${port || 5432}` } : { host: hostname, port: Number(port || 5432) };
}

/** One connection over the road: the client's end, the server's end, and what it is used for. */
class Connection {
  listens = false;
  #held = [];
  silent = false;

  constructor(client, server, road) {
    this.client = client;
    this.server = server;
    for (const [from, to] of [[client, server], [server, client]]) {
      from.on("data", (data) => {
        this.listens ||= from === client && data.includes(LISTENS);
        if (from === client) road.overhears?.(this, data);
        if (this.listens && road.deaf) this.end();
        else if (this.silent) this.#held.push([to, data]);
        else to.write(data);
      });
      from.on("error", () => this.end());
      from.on("close", () => this.end());
    }
  }

  silence() {
    this.silent = true;
  }

  /** What was held back arrives, late. */
  speak() {
    this.silent = false;
    for (const [to, data] of this.#held.splice(0)) to.write(data);
  }

  end() {
    this.client.destroy();
    this.server.destroy();
  }
}

export class Road {
  /** While it is set, connections that listen for changes are ended, and nothing else is. */
  deaf = false;
  /** Told of what is said to the database, connection by connection, where somebody listens. */
  overhears;
  #connections = new Set();
  #silent = false;
  #server;
  #target;

  /** A road to the database of this URL; `url` is the database by this road. */
  static async to(url) {
    const road = new Road();
    road.#target = target(url);
    await road.open();
    const by = new URL(url);
    by.searchParams.delete("host");
    by.host = `127.0.0.1:${road.port}`;
    road.url = by.href;
    return road;
  }

  /** Takes connections, again where it was closed. */
  async open() {
    this.#server = createServer((client) => this.#carry(client));
    this.#server.listen(this.port ?? 0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  #carry(client) {
    const connection = new Connection(client, createConnection(this.#target), this);
    if (this.#silent) connection.silence();
    this.#connections.add(connection);
    client.once("close", () => this.#connections.delete(connection));
  }

  /** As a database that was stopped: connections end, new ones are refused. */
  async close() {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const connection of this.#connections) connection.end();
    await closed;
  }

  /** As a cable that was cut: nothing arrives, nothing is refused. New connections are taken, and say nothing. */
  silence() {
    this.#silent = true;
    for (const connection of this.#connections) connection.silence();
  }

  /** As the cable that is whole again. */
  speak() {
    this.#silent = false;
    for (const connection of this.#connections) connection.speak();
  }

  /** As a database that moved to another machine: what was silent stays so, and new connections get through. */
  reroute() {
    this.#silent = false;
  }

  /** How many connections listen for changes and are not silent. */
  get listening() {
    return [...this.#connections].filter((connection) => connection.listens && !connection.silent).length;
  }

  /** Silences the connections that listen for changes, and leaves the others alone; how many there were. */
  silenceListeners() {
    const listeners = [...this.#connections].filter((connection) => connection.listens);
    for (const connection of listeners) connection.silence();
    return listeners.length;
  }

  /** Ends the connections that listen for changes, now and later; how many there were. */
  deafen() {
    this.deaf = true;
    const listeners = [...this.#connections].filter((connection) => connection.listens);
    for (const connection of listeners) connection.end();
    return listeners.length;
  }

  hear() {
    this.deaf = false;
  }
}
