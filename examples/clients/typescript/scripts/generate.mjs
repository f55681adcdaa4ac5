// The types of the API and of this client's own documents, from graphql/schema.graphql and
// src/operations.graphql: src/generated.ts. With --check nothing is written; it fails where the file is
// not what would be.

import { readFile, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as schemaTypes from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const root = new URL("..", import.meta.url);
const read = (place) => readFile(new URL(place, root), "utf8");
const text = "string";
const config = {
  scalars: {
    ID: text, DateTime: text, Cidr: text, CountryCode: text, CurrencyCode: text, Decimal: text, IpAddress: text,
    PhoneNumber: text, Upload: "Blob", JSON: "unknown",
  },
  documentMode: "string",
  enumsAsTypes: true,
  onlyOperationTypes: true,
  skipTypename: true,
  useTypeImports: true,
  avoidOptionals: { field: true, inputValue: false, object: true },
  maybeValue: "T | null",
  inputMaybeValue: "T | null | undefined",
  dedupeFragments: true,
};

const HEAD = "// Made by scripts/generate.mjs from the schema and src/operations.graphql; do not edit.\n\n";
/** Types alone, and yet whoever uses the client would have to install it. */
const FOREIGN = /import type \{ DocumentTypeDecoration \} from '@graphql-typed-document-node\/core';/;

async function generated() {
  const content = await codegen({
    filename: "src/generated.ts",
    schema: parse(await read("../../../graphql/schema.graphql")),
    documents: [{ location: "src/operations.graphql", document: parse(await read("src/operations.graphql")) }],
    plugins: [{ types: {} }, { operations: {} }, { documents: {} }],
    pluginMap: { types: schemaTypes, operations, documents },
    config,
  });
  if (!FOREIGN.test(content)) throw new Error("the generator imports something else by now");
  return HEAD + content.replace(FOREIGN, "import type { DocumentTypeDecoration } from './document.js';");
}

const place = new URL("src/generated.ts", root);
const wanted = await generated();
if (process.argv.includes("--check")) {
  const found = await readFile(place, "utf8").catch(() => "");
  if (found !== wanted) {
    console.error("examples/clients/typescript/src/generated.ts does not fit the schema: npm --prefix examples/clients/typescript run generate");
    process.exit(1);
  }
} else {
  await writeFile(place, wanted);
}
