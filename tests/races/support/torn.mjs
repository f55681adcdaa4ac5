// Clients that hang up at any moment, the same ones for the same seed.

import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The longest that a client stays to hear what became of its request. */
const PATIENCE_MS = 25;

/** Numbers from a seed (mulberry32), equally likely between 0 and 1. */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Sends a request and hangs up: within its head, within its body, or after it, at once or a little later.
 * Whether it was sent whole.
 */
export async function torn(url, { method = "POST", headers = {}, body = "" }, random) {
  const { hostname, port, pathname } = new URL(url);
  const lines = Object.entries({ host: `${hostname}:${port}`, "content-length": Buffer.byteLength(body), ...headers });
  const whole = Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
  const isWhole = random() < 0.7;
  const part = isWhole ? whole : whole.subarray(0, Math.floor(random() * whole.length));
  const socket = createConnection(Number(port), hostname);
  socket.on("error", () => {});
  // A client that reads nothing resets the connection when it hangs up; one that reads closes it.
  if (random() < 0.5) socket.resume();
  const closed = once(socket, "close");
  await Promise.race([once(socket, "connect"), closed]);
  await new Promise((done) => socket.write(part, done));
  if (random() < 0.7) await sleep(random() * PATIENCE_MS);
  socket.destroy();
  await closed;
  return isWhole;
}

/** A mutation of the API, torn. */
export function tornMutation(api, name, input, fields, random) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { ${name}(input: $input) { ${fields} userErrors { code } } }`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${api.key}`, ...api.headers };
  return torn(api.url, { headers, body: JSON.stringify({ query, variables: { input } }) }, random);
}
