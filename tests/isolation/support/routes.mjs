// Addresses that name something, each asked for another tenant's and for what does not exist.

import { readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";

import { another } from "./another.mjs";
import { send } from "./ask.mjs";
import { compare } from "./matrix.mjs";

const ROUTES = fileURLToPath(new URL("../../../docs/authorization-matrix.txt", import.meta.url));

/** All addresses, as the matrix has them. */
export function routes() {
  const lines = readFileSync(ROUTES, "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith("route "));
  return lines.slice(start + 1).filter(Boolean).map((line) => line.split(/\s+/)[0]);
}

/** A token holds its tenant's identifier in front: another tenant's token, under one's own tenant. */
const underOurs = (ours, token) => `${ours.ids.tenant.split("_")[1]}.${token.split(".").at(-1)}`;
const get = (path, headers = {}) => ({ path, options: { headers } });
const post = (path, body = "", headers = {}) => ({ path, options: { method: "POST", body, headers } });
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };
const scim = (firm, more) => ({ ...firm.credentials["key USERS"], "content-type": "application/scim+json", ...more });

/** What is asked of an address, given an identifier; of whose and which it is in `ids`. */
export const ADDRESSES = {
  "/link/{token}": (ours) => [
    ["link", (token) => get(`/link/${underOurs(ours, token)}`)],
    ["link", (token) => post(`/link/${underOurs(ours, token)}`, "", form)],
  ],
  "/imports/{import}/{ticket}/refused.csv": (ours) => [
    ["import", (id) => get(`/imports/${id}/${ours.ids.importTicket}/refused.csv`)],
    ["importTicket", (ticket) => get(`/imports/${ours.ids.import}/${ticket}/refused.csv`)],
  ],
  "/callbacks/twilio/{message}/{ticket}": (ours) => callbacks(ours, "twilio", ""),
  "/callbacks/twilio/{message}/{ticket}/voice": (ours) => callbacks(ours, "twilio", "/voice"),
  "/callbacks/twilio/{message}/{ticket}/voice/key": (ours) => callbacks(ours, "twilio", "/voice/key"),
  "/callbacks/twilio/inbound/{tenant}": () => [["tenant", (id) => post(`/callbacks/twilio/inbound/${id}`, "Body=STOP", form)]],
  "/callbacks/http/{message}/{ticket}": (ours) => callbacks(ours, "http", ""),
  "/logo/{tenant}/{name}": () => [["tenant", (id) => get(`/logo/${id}/${"0123456789abcdef".repeat(4)}.png`)]],
  "/prompt/open/{token}": (ours) => [["promptToken", (token) => get(`/prompt/open/${underOurs(ours, token)}`)]],
  "/prompt/{tenant}/{prompt}": (ours) => [
    ["prompt", (id) => get(`/prompt/${ours.ids.tenant}/${id}`, ours.credentials.prompt)],
    ["prompt", (id, theirs) => get(`/prompt/${theirs}/${id}`, ours.credentials.prompt)],
  ],
  "/prompt/{tenant}/{prompt}/{act}": (ours) =>
    ["leave", "send", "code", "ask", "skip", "phone", "app", "remove", "backup", "level", "forget", "done"].map((act) => [
      "prompt", (id) => post(`/prompt/${ours.ids.tenant}/${id}/${act}`, "", { ...form, ...ours.credentials.prompt, origin: ours.house.url }),
    ]),
  "/scim/v2/Users": (ours) => [["externalId", (id) => get(`/scim/v2/Users?filter=${encodeURIComponent(`externalId eq "${id}"`)}`, scim(ours))],
    ["email", (email) => get(`/scim/v2/Users?filter=${encodeURIComponent(`emails.value eq "${email}"`)}`, scim(ours))]],
  "/scim/v2/Users/{id}": (ours) => [
    ["user", (id) => get(`/scim/v2/Users/${id}`, scim(ours))],
    ["externalId", (id) => get(`/scim/v2/Users/${id}`, scim(ours))],
    ["user", (id) => ({ path: `/scim/v2/Users/${id}`, options: { method: "PUT", body: JSON.stringify({ userName: "x" }), headers: scim(ours) } })],
    ["user", (id) => ({ path: `/scim/v2/Users/${id}`, options: { method: "PATCH", body: JSON.stringify(DISABLE), headers: scim(ours) } })],
    ["user", (id) => ({ path: `/scim/v2/Users/${id}`, options: { method: "DELETE", headers: scim(ours) } })],
  ],
  "/scim/v2/Users/.search": searches,
  "/scim/v2/.search": searches,
  "/auth/sessions/end": (ours) => [["session", (id) => post("/auth/sessions/end", JSON.stringify({ id }), owner(ours))]],
  "/auth/app/confirm": (ours) => [["passkey", (id) => post("/auth/app/confirm", JSON.stringify({ methodId: id, code: "000000" }), owner(ours))]],
  "/auth/passkeys/confirm": (ours) => [["passkey", (id) => post("/auth/passkeys/confirm", JSON.stringify({ id, credential: {} }), owner(ours))]],
  "/auth/passkeys/remove": (ours) => [["passkey", (id) => post("/auth/passkeys/remove", JSON.stringify({ id }), owner(ours))]],
  "/auth/company": () => [
    ["slug", (company) => post("/auth/company", JSON.stringify({ company }), json)],
    ["adminEmail", (company) => post("/auth/company", JSON.stringify({ company }), json)],
  ],
  "/auth/company/finish": () => [["tenant", (tenant) => post("/auth/company/finish", JSON.stringify({ tenant, state: "x", code: "x" }), json)]],
  "/auth/company/test": (ours) => [["tenant", (tenant) => post("/auth/company/test", JSON.stringify({ tenant }), owner(ours))]],
  "/auth/company/accept": (ours) => [["tenant", (tenant) => post("/auth/company/accept", JSON.stringify({ tenant, accepted: true }), owner(ours))]],
  "/sign-in/company/{tenant}": () => [["tenant", (id) => get(`/sign-in/company/${id}`)]],
  "/t/{*place}": () => [["slug", (slug) => get(`/t/${slug}/users`)]],
  "/partner/{*place}": () => [["partner", (id) => get(`/partner/${id}/tenants`)]],
};

/** Addresses with something in them, or behind them, that is nobody's identifier. */
export const PLAIN = {
  "/assets/{*file}": "files of the console, the same for all",
  "/docs/pictures/{name}": "pictures of the documents, the same for all",
  "/docs/{*page}": "documents, the same for all",
  "/scim/v2/ResourceTypes/{id}": "words of the standard",
  "/scim/v2/Schemas/{id}": "words of the standard",
  "/scim/v2/{*rest}": "nothing is there",
};

const DISABLE = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "active", value: false }] };

function searches(ours) {
  const place = this?.place ?? "/scim/v2/.search";
  const body = (id) => JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], filter: `externalId eq "${id}"` });
  return [["externalId", (id) => post(place, body(id), scim(ours))]];
}

const owner = (firm) => ({ ...json, ...firm.credentials["session OWNER"] });

/** Their message with our ticket, and our message with their ticket, as the provider itself would sign it. */
function callbacks(ours, provider, rest) {
  const signed = (path) => {
    const [body, id, timestamp] = [JSON.stringify({ status: "delivered" }), "report_1", String(Math.floor(Date.now() / 1000))];
    const key = Buffer.from(ours.house.secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return post(path, body, { ...json, "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` });
  };
  return [
    ["message", (id) => signed(`/callbacks/${provider}/${id}/${ours.ids.callbackTicket}${rest}`)],
    ["callbackTicket", (ticket) => signed(`/callbacks/${provider}/${ours.ids.message}/${ticket}${rest}`)],
  ];
}

/** What the recipes do not speak of, or speak of in vain. */
export function faults(all = routes()) {
  const silent = all.filter((route) => route.includes("{") && !ADDRESSES[route] && !PLAIN[route]);
  const gone = [...Object.keys(ADDRESSES), ...Object.keys(PLAIN)].filter((route) => !all.includes(route));
  return [...silent.map((route) => `${route} has no recipe: say in support/routes.mjs what it names`), ...gone.map((route) => `support/routes.mjs speaks of ${route}, which is no address`)];
}

/** Pages of the console, the same for all; 503 where the program was built without it. */
const CONSOLE = ["/sign-in/company/{tenant}", "/t/{*place}", "/partner/{*place}"];

/** Asks one address for all that it names. */
export async function crossRoute(ours, theirs, route) {
  const results = [];
  for (const [kind, make] of ADDRESSES[route].call({ place: route }, ours)) {
    const options = (value) => make(value, theirs.ids.tenant);
    const values = [theirs.ids[kind], another(theirs.ids[kind], theirs.word)];
    const result = await compare(undefined, values, async (value) => {
      const { text } = await send(`${ours.house.url}${options(value).path}`, options(value).options);
      return { text: text.replaceAll(/nonce[-=]"?[\w+/=-]+/g, "nonce") };
    });
    const status = /^HTTP (\d+)/.exec(result.answers[0])[1];
    const answer = CONSOLE.includes(route) ? "console" : [status, result.answer].join(" ").replace(" own", "");
    results.push({ ...result, method: options(values[0]).options.method ?? "GET", kind, answer });
  }
  return results;
}
