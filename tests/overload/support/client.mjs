// Calls of the API that cost the caller little, each timed from when it was due: a stall hides no waits.

import { Agent, request } from "node:http";

const PATIENCE_MS = 15_000;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 512 });

export class Client {
  constructor(api) {
    this.url = new URL(api.url);
    this.headers = { "content-type": "application/json", authorization: `Bearer ${api.key}` };
  }

  /** Sends a mutation or query; what became of it and how many milliseconds after `due` that was. */
  ask(query, input, due = performance.now()) {
    const body = JSON.stringify({ query, variables: input && { input } });
    return new Promise((resolve) => {
      const told = (outcome) => resolve({ outcome, took: performance.now() - due });
      const sent = request(this.url, { method: "POST", agent, timeout: PATIENCE_MS, headers: { ...this.headers, "content-length": Buffer.byteLength(body) } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part));
        response.on("end", () => told(outcomeOf(response.statusCode, text)));
      });
      sent.on("timeout", () => sent.destroy());
      sent.on("error", () => told("LOST"));
      sent.end(body);
    });
  }

  static end() {
    agent.destroy();
  }
}

/** "" for what was answered; else the code of the refusal, wherever it stands. */
function outcomeOf(status, text) {
  if (status === 200 && text.includes('"userErrors":[]')) return "";
  const { data, errors } = JSON.parse(text);
  if (errors) return errors[0].extensions?.code ?? "ERROR";
  return Object.values(data)[0].userErrors?.[0]?.code ?? "";
}

/** Begins something so many times a second, for so long, whether or not anything is answered. */
export async function openLoop(perSecond, ms, begin) {
  const [started, begun] = [performance.now(), []];
  await new Promise((done) => {
    const timer = setInterval(() => {
      const now = performance.now() - started;
      while (begun.length < (Math.min(now, ms) / 1000) * perSecond) begun.push(begin(begun.length, started + (begun.length / perSecond) * 1000));
      if (now >= ms) {
        clearInterval(timer);
        done();
      }
    }, 2);
  });
  return Promise.all(begun);
}

/** So many who ask one thing after the other, for so long; all that was answered. */
export async function closedLoop(clients, ms, begin) {
  const [end, answers] = [performance.now() + ms, []];
  let count = 0;
  const one = async () => {
    while (performance.now() < end) answers.push(await begin((count += 1)));
  };
  await Promise.all(Array.from({ length: clients }, one));
  return answers;
}

export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
