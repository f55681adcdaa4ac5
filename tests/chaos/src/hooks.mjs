// A tenant's own endpoint for webhooks: keeps what came, and answers badly now and then.

import { once } from "node:events";
import { createServer } from "node:http";

export class Hooks {
  /** Every delivery that arrived: by whose endpoint, which event, and what it said. */
  events = [];
  #server = createServer((request, response) => this.#take(request, response).catch(() => response.destroy()));
  #arrived = 0;

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request, response) {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    this.#arrived += 1;
    this.events.push({ at: performance.now(), endpoint: request.url.slice(1), id: request.headers["webhook-id"], body, ...JSON.parse(body) });
    // Every ninth is taken, and the answer is lost.
    if (this.#arrived % 9 === 0) response.destroy();
    else response.writeHead(204).end();
  }
}
