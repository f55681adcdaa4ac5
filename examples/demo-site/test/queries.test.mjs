import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import * as queries from '../src/queries.mjs';

const SCHEMA = new URL('../../../graphql/schema.graphql', import.meta.url);
const documents = Object.entries(queries);

test('every document is one operation; a mutation has one field, which takes $input', () => {
  for (const [name, document] of documents) {
    const { definitions } = parse(document);
    assert.equal(definitions.length, 1, name);
    const [operation] = definitions;
    assert.equal(operation.kind, 'OperationDefinition', name);
    if (operation.kind !== 'OperationDefinition' || operation.operation !== 'mutation') continue;
    assert.equal(operation.selectionSet.selections.length, 1, name);
    assert.deepEqual(operation.variableDefinitions?.map((one) => one.variable.name.value), ['input'], name);
    assert.match(document, /userErrors \{ code message field \}/, name);
  }
});

test('every document is valid against the published schema', { skip: !existsSync(SCHEMA) && 'graphql/schema.graphql is not there' }, () => {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'), { assumeValidSDL: true });
  for (const [name, document] of documents) {
    assert.deepEqual(validate(schema, parse(document)).map((error) => error.message), [], name);
  }
});

test('no document hides anywhere else', () => {
  const root = new URL('../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs') && file !== 'queries.mjs');
  for (const file of files) assert.doesNotMatch(readFileSync(new URL(file, root), 'utf8'), /[`'"]\s*(query|mutation)\s+\w+\s*[({]/, file);
});

test('every document is used', () => {
  const root = new URL('../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.mjs') && file !== 'queries.mjs');
  const source = files.map((file) => readFileSync(new URL(file, root), 'utf8')).join('\n');
  for (const [name] of documents) assert.ok(new RegExp(`\\b${name}\\b`).test(source), name);
});
