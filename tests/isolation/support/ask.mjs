// One request, and everything of its answer that could tell something.

const WITHIN = 60_000;
/** What differs between any two answers, or follows from when they were given. */
const OF_THE_MOMENT = new Set(["date", "x-request-id", "connection", "keep-alive", "content-length", "ratelimit", "ratelimit-policy", "retry-after"]);

/** Status, headers and body as they came, as one text. */
export async function send(url, options) {
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
