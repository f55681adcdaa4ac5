// One request, and everything of its answer that could tell something.

import { setTimeout as sleep } from "node:timers/promises";

import { Api } from "../../stories/support/api.mjs";

const WITHIN = 60_000;
const PAUSE = 500;
/** What differs between any two answers, or follows from when they were given. */
const OF_THE_MOMENT = new Set(["date", "x-request-id", "connection", "keep-alive", "content-length", "ratelimit", "ratelimit-policy", "retry-after"]);

/** Asks again while a busy machine says that it is: that is no answer to what was asked. */
export async function patiently(asking, isBusy) {
  for (let left = 10; ; left -= 1) {
    const answer = await asking();
    if (left === 0 || !isBusy(answer)) return answer;
    await sleep(PAUSE);
  }
}

/** An API that is asked patiently. */
export class Patient extends Api {
  raw(query, variables) {
    return patiently(() => super.raw(query, variables), ({ body }) => body.errors?.some(({ extensions }) => extensions?.code === "UNAVAILABLE"));
  }
}

/** Status, headers and body as they came, as one text. */
export function send(url, options) {
  return patiently(() => once(url, options), ({ text }) => text.includes('"code":"UNAVAILABLE"'));
}

async function once(url, options) {
  const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(WITHIN), ...options });
  const body = await response.text().catch((error) => `no end: ${error.message}`);
  const headers = [...response.headers].filter(([name]) => !OF_THE_MOMENT.has(name)).map(([name, value]) => `${name}: ${value}`);
  return { status: response.status, text: [`HTTP ${response.status}`, ...headers, "", body].join("\n") };
}

/** A GraphQL request with these headers. A subscription is told by events, until the server ends them. */
export function ask(house, headers, query, variables = {}) {
  const accept = query.startsWith("subscription") ? "text/event-stream" : "application/json";
  return send(`${house.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept, ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

/** The data of a request that must succeed. */
export async function data(house, headers, query, variables) {
  const { text } = await ask(house, headers, query, variables);
  const { data, errors } = JSON.parse(text.slice(text.indexOf("\n\n") + 2));
  if (errors) throw new Error(`${query}: ${JSON.stringify(errors)}`);
  return data;
}
