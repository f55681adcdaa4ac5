// The types of the API's answers, from ../graphql/schema.graphql and the queries that stand beside the
// components, and who may do what, from ../docs/authorization-matrix.txt: `src/features/users/queries.graphql` becomes `src/gql/generated/users.ts`. Not in git.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import * as schemaTypes from "@graphql-codegen/typescript";
import { parse } from "graphql";

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

/** Which roles may call what: the rows of the authorization matrix that an administrator can use. */
async function access() {
  const lines = (await read("../docs/authorization-matrix.txt")).split("\n");
  const header = lines.findIndex((line) => line.startsWith("operation "));
  const roles = lines[header].trim().split(/\s+/).slice(-6);
  const rows = lines.slice(header + 1).filter(Boolean).flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const marks = cells.slice(-6);
    const operations = cells.slice(0, cells.findIndex((cell) => cell === "x" || cell === "."));
    return operations.map((name) => [name, roles.filter((_, index) => marks[index] === "x")]);
  });
  const table = JSON.stringify(Object.fromEntries(rows), null, 2);
  await writeFile(new URL("access.ts", out), `// Made by scripts/types.mjs.\nexport const ROLES_OF = ${table} as const;\n`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await access();
const fragments = await read("src/gql/fragments.graphql");
const types = plugin("typescript", schemaTypes);
await generate("schema.ts", [], types.plugins, types.pluginMap);
const features = await readdir(new URL("src/features/", root));
for (const place of ["shell", ...features.map((feature) => `features/${feature}`)].sort()) {
  const [location, feature] = [`src/${place}/queries.graphql`, place.split("/").at(-1)];
  const text = await read(location).catch(() => undefined);
  if (text === undefined) continue;
  const document = parse(text.includes("...LoginRow") ? text + fragments : text);
  await generate(`${feature}.ts`, [{ location, document }],
    [{ imports: {} }, { operations: {} }, { documents: {} }],
    { imports: { plugin: () => ({ content: "", prepend: ['import type * as Types from "./schema";'] }) }, operations, documents },
    { namespacedImportName: "Types" });
}
