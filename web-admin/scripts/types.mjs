// The types of the API's answers, from ../graphql/schema.graphql and the queries that stand beside the
// components, and who may do what, from ../docs/authorization-matrix.txt: `src/features/users/queries.graphql` becomes `src/gql/generated/users.ts`. Not in git.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import * as schemaTypes from "@graphql-codegen/typescript";
import { parse, visit } from "graphql";

const root = new URL("..", import.meta.url);
const out = new URL("src/gql/generated/", root);
const read = (place) => readFile(new URL(place, root), "utf8");
const string = "string";
const config = {
  scalars: { ID: string, DateTime: string, Cidr: string, CountryCode: string, CurrencyCode: string, Decimal: string,
    IpAddress: string, PhoneNumber: string, JSON: "unknown", Upload: "Blob" },
  documentMode: "string", enumsAsTypes: true, strictScalars: true, useTypeImports: true, skipTypename: true,
  immutableTypes: true, avoidOptionals: { field: true, inputValue: false, object: true }, dedupeFragments: true,
  maybeValue: "T | null", onlyOperationTypes: false,
};
const schema = parse(await read("../graphql/schema.graphql"));
const plugin = (name, module) => ({ plugins: [{ [name]: {} }], pluginMap: { [name]: module } });

async function generate(filename, own, plugins, pluginMap, extra = {}) {
  const content = await codegen({ filename, schema, documents: own, plugins, pluginMap, config: { ...config, ...extra } });
  await writeFile(new URL(filename, out), `// Made by scripts/types.mjs.\n${content}`);
}

/** Which roles may call what: the rows of the authorization matrix that an administrator can use, of a tenant
 * and, in the last columns, of a partner. */
async function access() {
  const lines = (await read("../docs/authorization-matrix.txt")).split("\n");
  const header = lines.findIndex((line) => line.startsWith("operation "));
  const columns = lines[header].trim().split(/\s+/);
  // The scopes of keys come first.
  const holders = columns.slice(columns.indexOf("TENANTS") + 1);
  // The operations; addresses follow after an empty line.
  const rows = lines.slice(header + 1, lines.indexOf("", header)).map((line) => line.trim().split(/\s+/));
  const table = (name, roleOf) => {
    const entries = rows.flatMap((cells) => {
      const marks = cells.slice(-holders.length);
      const roles = holders.filter((_, index) => marks[index] === "x").map(roleOf).filter(Boolean);
      const operations = cells.slice(0, cells.findIndex((cell) => cell === "x" || cell === "."));
      return operations.map((operation) => [operation, roles]);
    });
    return `export const ${name} = ${JSON.stringify(Object.fromEntries(entries), null, 2)} as const;\n`;
  };
  const text = table("ROLES_OF", (holder) => /^p\./.test(holder) ? undefined : holder) + table("PARTNER_ROLES_OF", (holder) => /^p\.(.+)/.exec(holder)?.[1]);
  await writeFile(new URL("access.ts", out), `// Made by scripts/types.mjs.\n${text}`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await access();
const shared = new Map(parse(await read("src/gql/fragments.graphql")).definitions.map((fragment) => [fragment.name.value, fragment]));

/** The shared fragments that these definitions spread, and that those spread. */
function spread(node, found = new Set()) {
  visit(node, { FragmentSpread({ name }) {
    const fragment = shared.get(name.value);
    if (!fragment || found.has(fragment)) return;
    found.add(fragment);
    spread(fragment, found);
  } });
  return found;
}

const types = plugin("typescript", schemaTypes);
await generate("schema.ts", [], types.plugins, types.pluginMap);
const features = await readdir(new URL("src/features/", root));
for (const place of ["shell", ...features.map((feature) => `features/${feature}`)].sort()) {
  const [location, feature] = [`src/${place}/queries.graphql`, place.split("/").at(-1)];
  const text = await read(location).catch(() => undefined);
  if (text === undefined) continue;
  const own = parse(text);
  const document = { ...own, definitions: [...own.definitions, ...spread(own)] };
  await generate(`${feature}.ts`, [{ location, document }],
    [{ imports: {} }, { operations: {} }, { documents: {} }],
    { imports: { plugin: () => ({ content: "", prepend: ['import type * as Types from "./schema";'] }) }, operations, documents },
    { namespacedImportName: "Types" });
}
