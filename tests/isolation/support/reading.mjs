// Everything that somebody can read: all of the schema, the other addresses, and what is sent to them.

import { readFile } from "node:fs/promises";
import path from "node:path";

import { getNamedType, isLeafType } from "graphql";

import { NAMES } from "../recipes.mjs";
import { ask, data, send } from "./ask.mjs";
import { schema, selection } from "./schema.mjs";

const DEPTH = 3;
/** Between them they may read everything, each in a way of its own. */
const READERS = ["partner key", "partner key in tenant", "session ADVISOR", "partner session OWNER"];
/** What has to be said. */
const REQUIRED = { loginCounts: "(from: $from, to: $to)", usage: "(from: $from, to: $to)", enrollmentForecast: "(kind: EXTERNAL)" };

/** Each field of a type by itself, as deep as its answer may cost. */
function questions(type) {
  return Object.values(schema.getType(type).getFields()).map(({ name, type: of, args }) => {
    const few = args.some((argument) => argument.name === "first") ? "(first: 20)" : (REQUIRED[name] ?? "");
    const named = getNamedType(of);
    const times = few.includes("$from") ? "query($from: DateTime!, $to: DateTime!)" : "query";
    return [times, `{ ${type.toLowerCase()} { ${name}${few} ${isLeafType(named) ? "" : selection(named, DEPTH)} } }`].join(" ");
  });
}

/** Whatever has an identifier, each with all that its own type has. */
async function ofNodes(firm, headers) {
  const ids = NAMES["Query.node(id)"].map((kind) => firm.ids[kind]);
  const kinds = await data(firm.house, headers, `{ ${ids.map((id, index) => `n${index}: node(id: "${id}") { __typename }`).join(" ")} }`);
  return ids.flatMap((id, index) => {
    const kind = kinds[`n${index}`]?.__typename;
    return kind ? [`{ node(id: "${id}") { ... on ${kind} ${selection(schema.getType(kind), 1)} } }`] : [];
  });
}

/** All answers of the API to one credential. */
async function ofApi(firm, credential) {
  const headers = firm.credentials[credential];
  const [from, to] = [new Date(Date.now() - 86_400_000).toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
  const variables = (query) => (query.startsWith("query(") ? { from, to } : {});
  const fields = [...questions("Tenant"), ...questions("Partner"), `{ viewer ${selection(schema.getType("Viewer"), 1)} }`];
  const nodes = await ofNodes(firm, headers);
  const answers = await Promise.all([...fields, ...nodes].map((query) => ask(firm.house, headers, query, variables(query))));
  return answers.map(({ text }, index) => ({ what: `${credential}: ${[...fields, ...nodes][index].slice(0, 60)}`, text }));
}

/** All answers of the other addresses to the firm's own. */
async function ofAddresses(firm) {
  const [keys, owner, { prompt }] = [firm.credentials["key USERS"], firm.credentials["session OWNER"], firm.credentials];
  const addresses = [
    ["/scim/v2/Users", keys], ["/scim/v2/ServiceProviderConfig", keys], ["/auth/session", owner], ["/auth/account", owner], ["/auth/passkeys", owner],
    [`/imports/${firm.ids.import}/${firm.ids.importTicket}/refused.csv`, {}], [`/link/${firm.ids.link}`, {}],
    ...["", "?view=more", "?view=settings", "?view=enroll", "?view=ask"].map((view) => [`/prompt/${firm.ids.tenant}/${firm.ids.prompt}${view}`, prompt]),
  ];
  return Promise.all(addresses.map(async ([place, headers]) => ({ what: place, text: (await send(`${firm.house.url}${place}`, { headers })).text })));
}

/** What the operator takes out for the firm. */
async function ofExports(firm) {
  const files = [];
  for (const what of ["users", "logins", "messages", "audit"]) {
    const output = path.join(firm.house.folder, `${firm.word}-${what}.csv`);
    await firm.house.run("export", what, "--tenant", firm.ids.slug, "--output", output, ...(what === "users" ? ["--contacts"] : []));
    files.push({ what: `export of ${what}`, text: await readFile(output, "utf8") });
  }
  return files;
}

/** What was sent to the firm's people and endpoints. */
function ofMessages(firm) {
  const texts = firm.house.gateway.heard.filter(({ body }) => JSON.parse(body).tenant === firm.ids.tenant).map(({ body }) => ({ what: "a text", text: body }));
  const mails = firm.house.mail.heard.filter((mail) => new RegExp(`^To:.*${firm.word}`, "im").test(mail)).map((mail) => ({ what: "a mail", text: mail }));
  return [...texts, ...mails, ...firm.ear.heard.map(({ body, headers }) => ({ what: "a webhook", text: JSON.stringify(headers) + body }))];
}

/** Everything, with where it was read. */
export async function everything(firm) {
  const answers = [];
  for (const credential of READERS.filter((name) => firm.credentials[name])) answers.push(...(await ofApi(firm, credential)));
  return { answers, addresses: await ofAddresses(firm), exports: await ofExports(firm), messages: ofMessages(firm) };
}
