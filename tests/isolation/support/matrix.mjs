// Each place where something can be named, asked twice: for another tenant's, which exists, and for what does
// not. Nobody may tell the two answers apart.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { getNamedType, isLeafType } from "graphql";

import { AROUND, CURSORS, KEY, NAMES, NAMELESS, SUCCEEDS, inputs } from "../recipes.mjs";
import { ask, data } from "./ask.mjs";
import { another } from "./another.mjs";
import { places, schema } from "./schema.mjs";

const ALLOWED = fileURLToPath(new URL("../../../docs/authorization-matrix.txt", import.meta.url));
const GIVEN = "‹given›";
/** The table's first columns are scopes of keys; SUPPORT is a scope and a role. */
const SCOPES = 6;

/** The places that name something, and the faults of the recipes: what they do not speak of. */
export function named(of = schema) {
  const [found, faults] = [[], []];
  for (const place of places(of)) {
    const isCursor = place.steps.at(-1) === "after" && !NAMELESS[place.source];
    const kinds = isCursor ? ["cursor"] : NAMES[place.source];
    if (!kinds && !NAMELESS[place.source]) faults.push(`${place.where} has no recipe: say in recipes.mjs what ${place.source} names`);
    if (kinds && place.type !== "Mutation" && !AROUND[place.type]) faults.push(`${place.where}: recipes.mjs does not say where a ${place.type} is found`);
    (kinds ?? []).forEach((kind, index) => found.push({ ...place, kind, isFirst: index === 0 }));
  }
  const known = new Set(places(of).map(({ source }) => source));
  for (const source of [...Object.keys(NAMES), ...Object.keys(NAMELESS)]) if (!known.has(source)) faults.push(`recipes.mjs speaks of ${source}, which the schema does not have`);
  found.sort((one, other) => (one.source in SUCCEEDS) - (other.source in SUCCEEDS));
  return { found, faults };
}

/** Who may call which operation, by the names that a firm's credentials have. */
export function allowances() {
  const lines = readFileSync(ALLOWED, "utf8").split("\n");
  const start = lines.findIndex((line) => line.startsWith("operation "));
  const columns = lines[start].trim().split(/\s+/).slice(1);
  const end = lines.findIndex((line, index) => index > start && line === "");
  const rows = lines.slice(start + 1, end).map((line) => line.trim().split(/\s+/));
  const table = new Map(rows.flatMap((cells) => {
    const marks = cells.slice(-columns.length);
    const allowed = new Set(columns.flatMap((column, index) => (marks[index] === "x" ? credentials(column, index < SCOPES) : [])));
    return cells.slice(0, -columns.length).map((operation) => [operation, allowed]);
  }));
  // A partner takes back its own imports by the field by which a tenant does.
  return table.set("cancelImport", new Set([...table.get("cancelImport"), ...table.get("importTenants")]));
}

/** A partner's key has every scope. */
function credentials(column, isScope) {
  if (isScope) return column === "TENANTS" ? ["partner key", "partner key in tenant"] : [`key ${column}`, "partner key in tenant"];
  return column.startsWith("p.") ? [`partner session ${column.slice(2)}`, `partner session ${column.slice(2)} in tenant`] : [`session ${column}`];
}

/** The operation whose row of the table guards a place. */
const operation = ({ type, field }) => (type === "Tenant" || type === "Partner" ? `${type.toLowerCase()}.${field}` : field);

/** The document and variables that give `value` at the place, and are this firm's own otherwise. */
export function request(firm, place, value) {
  if (place.type === "Mutation") return mutation(firm, place, value);
  const [before, after, own] = AROUND[place.type];
  const field = schema.getType(place.type).getFields()[place.field];
  const root = field.args.find(({ name }) => name === place.steps[0]);
  const rest = field.args.filter(({ name, type }) => name !== root.name && String(type).endsWith("!") && name !== "first").map(({ name }) => `${name}: EXTERNAL`);
  const query = `${place.type === "Subscription" ? "subscription" : "query"}($value: ${root.type}${own ? ", $own: ID!" : ""}) {
    ${before} ${place.field}(${[`${root.name}: $value`, ...rest].join(", ")}) ${shallow(getNamedType(field.type))} ${after} }`;
  return { query, variables: { value: nest(place.steps.slice(1), value, place.list), ...(own && { own: firm.ids[own] }) } };
}

function mutation(firm, place, value) {
  const base = inputs(firm)[place.field];
  if (!base) throw new Error(`${place.where}: recipes.mjs has no input for ${place.field}`);
  const field = schema.getMutationType().getFields()[place.field];
  const [, first, ...below] = place.steps;
  const input = { ...base, [first]: nest(below, value, place.list) };
  const payload = shallow(getNamedType(field.type), place.source in SUCCEEDS);
  return { query: `mutation($input: ${field.args[0].type}) { ${place.field}(input: $input) ${payload} }`, variables: { input } };
}

const nest = (steps, value, list) => steps.reduceRight((inner, step) => ({ [step]: inner }), list ? [value] : value);

/** Everything that stands in the answer itself, and of what hangs below it only that it is there. */
export function shallow(type, onlyErrors = false) {
  const body = (kind) => Object.values(kind.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    if (field.args.some(({ type, defaultValue }) => String(type).endsWith("!") && defaultValue === undefined)) return [];
    if (field.name === "userErrors") return ["userErrors { code message field }"];
    if (isLeafType(named)) return onlyErrors ? [] : [field.name];
    return field.name === "edges" ? ["edges { cursor }"] : [`${field.name} { __typename }`];
  });
  return !type.getFields ? "{ __typename }" : `{ __typename ${type.name === "Node" ? "id" : body(type).join(" ")} }`;
}

/** What is given there of a firm's: an identifier, or a cursor of the same list. */
async function valueOf(firm, place) {
  if (place.kind !== "cursor") return firm.ids[place.kind];
  const made = CURSORS[place.where];
  if (made) return Buffer.from(firm.ids[made]).toString("base64url");
  const credential = place.type === "Partner" ? "partner key" : "partner key in tenant";
  const { query, variables } = request(firm, place, null);
  const answer = await data(firm.house, firm.credentials[credential], query, variables);
  const edges = JSON.stringify(answer).match(/"cursor":"([^"]+)"/);
  if (!edges) throw new Error(`${place.where}: there is nothing in this list of ${firm.word}'s: ${JSON.stringify(answer)}`);
  return edges[1];
}

/** Asks one place as everybody who may; what was answered, and wherein it differed. */
export async function cross(ours, theirs, place, allowed) {
  const foreign = await valueOf(theirs, place);
  return Promise.all(callers(ours, place, allowed).map((credential) => compare(credential, [foreign, another(foreign, theirs.word)], (value) => {
    const { query, variables } = request(ours, place, value);
    return ask(ours.house, ours.credentials[credential], query, variables);
  })));
}

/** Asks for what there is and then for what there is not, and lays the answers side by side. */
export async function compare(credential, values, asking) {
  const answers = [];
  for (const value of values) answers.push((await asking(value)).text.replaceAll(value, GIVEN));
  return { credential, answer: gist(answers[0]), same: answers[0] === answers[1], answers };
}

/** Everybody who may; with the second and later kinds of a thing one is enough, since all are looked up alike. */
function callers(firm, place, allowed) {
  if (place.source in SUCCEEDS) return [SUCCEEDS[place.source]];
  const may = allowed.get(operation(place));
  const all = Object.keys(firm.credentials).filter((name) => name !== "prompt" && (!may || may.has(name)));
  return place.isFirst ? all : all.filter((name) => name === KEY || name === "partner key");
}

/** What an answer says, in a word. */
export function gist(text) {
  const codes = [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code);
  if (codes.length > 0) return [...new Set(codes)].join("+");
  if (/"data":\{"\w+":null\}/.test(text)) return "null";
  return /"edges":\[\]/.test(text) ? "empty" : "own";
}
