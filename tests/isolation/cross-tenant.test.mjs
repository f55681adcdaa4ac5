// Whatever of another tenant's is named, in any argument of the API or any address: the answer is that for what
// does not exist, byte for byte. And none of another tenant's words is ever read, sent or logged.
//
// The matrix is docs/cross-tenant-matrix.txt: UPDATE=1 writes it anew.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { another } from "./support/another.mjs";
import { ask } from "./support/ask.mjs";
import { Firm } from "./support/firm.mjs";
import { House, until } from "./support/house.mjs";
import { allowances, compare, cross, gist, named, shallow } from "./support/matrix.mjs";
import { everything } from "./support/reading.mjs";
import * as addresses from "./support/routes.mjs";
import { schema } from "./support/schema.mjs";
import { upload } from "./support/upload.mjs";
import { SUCCEEDS, inputs } from "./recipes.mjs";

const MATRIX = fileURLToPath(new URL("../../docs/cross-tenant-matrix.txt", import.meta.url));
const ROLES = 6;
const FEW = ["partner key", "partner key in tenant", "session OWNER", "prompt", "key USERS"];

let house;
let kestrel;
let ocelot;
before(async () => {
  house = await House.build();
  [kestrel, ocelot] = await Promise.all([Firm.found(house, "kestrel", "273849", ROLES), Firm.found(house, "ocelot", "386572", 1)]);
});
after(() => house?.stop());

test("nobody reads, or is sent, a word of another tenant's", async () => {
  for (const firm of [kestrel, ocelot]) await until(`a webhook of ${firm.word}'s`, () => firm.ear.heard.length > 0);
  for (const [ours, theirs] of [[kestrel, ocelot], [ocelot, kestrel]]) {
    const read = await everything(ours);
    for (const [kind, texts] of Object.entries(read)) assert.ok(texts.some(({ text }) => text.includes(ours.word)), `${kind}: nothing of one's own was read`);
    const leaks = Object.values(read).flat().flatMap(({ what, text }) => leaked(theirs, text).map((canary) => `${ours.word} found ${canary} in ${what}`));
    assert.deepEqual(leaks, []);
  }
});

test("what another tenant has answers as what nobody has", { timeout: 900_000 }, async () => {
  const all = named().found;
  // The way back is asked by fewer, who may most; and before anybody invites the others' people, who may then.
  const back = await crossed(withFew(ocelot), kestrel, all.filter(({ source }) => !(source in SUCCEEDS)));
  const there = await crossed(kestrel, ocelot, all);
  const text = `${HEAD}${there.lines.join("\n")}\n`;
  if (process.env.UPDATE) await writeFile(MATRIX, text);
  assert.deepEqual([...there.faults, ...back.faults], []);
  assert.equal(text, await readFile(MATRIX, "utf8").catch(() => ""), "what is answered across tenants has changed: UPDATE=1 npm test, and review docs/cross-tenant-matrix.txt");
});

test("an operation is refused to every credential that the authorization matrix does not name", async () => {
  const allowed = allowances();
  const open = [];
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root.getFields()).filter(({ name }) => name !== "node")) {
      const may = allowed.get(field.name);
      const others = Object.keys(kestrel.credentials).filter((name) => name !== "prompt" && !may.has(name));
      const answers = await Promise.all(others.map((credential) => attempt(kestrel, root, field, credential)));
      others.forEach((credential, index) => answers[index] === refusal(field.name, credential) || open.push(`${field.name} is unguarded: as ${credential} it answered ${answers[index]}`));
    }
  }
  assert.deepEqual(open, []);
});

test("the log holds nobody's name, address or number", () => {
  for (const { word, digits } of [kestrel, ocelot]) {
    const lines = house.log.split("\n").filter((line) => line.includes(word) || line.includes(digits));
    assert.deepEqual(lines, [], `of ${word}`);
  }
});

const HEAD = `What is answered where another tenant's is named, which exists: the same as for what does not, byte for byte. How many
credentials were answered what; "own" is what the caller has without it, "empty" and null that there is nothing.

`;

const withFew = (firm) => Object.assign(Object.create(firm), { credentials: Object.fromEntries(FEW.map((name) => [name, firm.credentials[name]])) });

const leaked = (theirs, text) => theirs.canaries.filter((canary) => text.includes(canary));

/** The lines of the matrix, and wherein answers differed or told something. */
async function crossed(ours, theirs, places) {
  const [lines, faults, allowed] = [[], [], allowances()];
  const note = (where, kind, results, mayEcho) => {
    for (const { credential, same, answers } of results) {
      if (!same) faults.push(`${where} tells ${theirs.word}'s ${kind} from none, as ${credential ?? "anybody"}: ${answers.map((answer) => answer.slice(-300)).join(" | ")}`);
      if (!mayEcho) faults.push(...answers.flatMap((answer) => leaked(theirs, answer).map((canary) => `${where} told ${canary}`)));
    }
    lines.push(`${where.padEnd(66)} ${kind.padEnd(22)} ${counted(results, kind)}`);
  };
  for (const route of Object.keys(addresses.ADDRESSES)) {
    for (const result of await addresses.crossRoute(ours, theirs, route)) note(`${result.method} ${route}`, result.kind, [result], route.includes("{*place}"));
  }
  for (const header of HEADERS) note(`header ${header.name}`, header.kind, await crossHeader(ours, theirs, header));
  for (const place of places) note(place.where, place.kind, await cross(ours, theirs, place, allowed), place.source in SUCCEEDS);
  return { lines: [...new Set(lines)], faults };
}

function counted(results, kind) {
  const counts = {};
  // Whether anything of one's own follows a position depends on when either firm's rows were made.
  const said = (answer) => (kind === "cursor" && answer === "empty" ? "own" : answer);
  for (const { answer } of results) counts[said(answer)] = (counts[said(answer)] ?? 0) + 1;
  return Object.entries(counts).sort().map(([answer, count]) => `${answer} ${count}`).join(", ");
}

/** Headers that say for whom one acts. */
const HEADERS = [{ name: "x-postern-tenant", kind: "tenant" }, { name: "x-postern-partner", kind: "partner" }, { name: "x-postern-actor", kind: "adminEmail" }];

function crossHeader(ours, theirs, { name, kind }) {
  const values = [theirs.ids[kind], another(theirs.ids[kind], theirs.word)];
  const credentials = Object.keys(ours.credentials).filter((one) => one !== "prompt");
  return Promise.all(credentials.map((credential) =>
    compare(credential, values, (value) => ask(house, { ...ours.credentials[credential], [name]: value }, "{ viewer { __typename } }"))));
}

/** What is answered to whoever may not: a tenant's own credentials act for no partner, and are told of none. */
const refusal = (operation, credential) => (operation === "partner" && !credential.startsWith("partner") ? "null" : "FORBIDDEN");

/** Calls an operation with one's own, and says what came of it. */
async function attempt(firm, root, field, credential) {
  if (field.name.startsWith("import") && root.name === "Mutation") return gist(await (await upload(firm, credential, field.name, "x\n")).text());
  const kind = root.name.toLowerCase();
  const given = root.name === "Mutation" ? inputs(firm)[field.name] : VALUES(firm)[field.name];
  const [argument] = field.args;
  const call = argument ? `${field.name}(${argument.name}: $given)` : field.name;
  const below = root.name === "Mutation" ? "{ __typename userErrors { code } }" : shallow(schema.getType(String(field.type).replace("!", "")));
  const { text } = await ask(house, firm.credentials[credential], `${kind}${argument ? `($given: ${argument.type})` : ""} { ${call} ${below} }`, { given });
  return gist(text);
}

const VALUES = ({ ids }) => ({ user: { id: ids.user }, login: ids.login, importProgress: ids.import, challengeUpdated: ids.challenge, temporaryAccessRequestUpdated: ids.temporaryAccessRequest });
