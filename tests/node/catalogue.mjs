/**
 * docs/webhooks.md as it can be held against a body: the schemas in it, and as much of JSON Schema as they use.
 * A word of a schema that is not known here is an error, so that none is passed over.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const paper = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
const schemasIn = (text) => [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json));
const [head, ...sections] = paper.split(/^## /m);
const [envelope] = schemasIn(head);

/** The schema of `data`, by the event's type. */
export const events = new Map(sections.map((section) => [section.split('\n')[0], schemasIn(section)[0]]));

const typeOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value);
const isTime = (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text));

const WORDS = {
  $schema: () => true,
  type: (value, type) => [type].flat().includes(typeOf(value)),
  enum: (value, values) => values.includes(value),
  pattern: (value, pattern) => typeof value !== 'string' || new RegExp(pattern).test(value),
  format: (value, format) => typeof value !== 'string' || (format === 'date-time' && isTime(value)),
  required: (value, names) => names.every((name) => name in value),
  items: (value, schema) => value.every((item) => faults(item, schema).length === 0),
  properties: (value, schemas) => Object.keys(value).every((name) => name in schemas),
};

function faults(value, schema, path = '') {
  const own = Object.entries(schema).filter(([word, rule]) => {
    if (!WORDS[word]) throw new Error(`the catalogue says ${word}, which is not known here`);
    return !WORDS[word](value, rule);
  });
  const inner = Object.entries(schema.properties ?? {}).filter(([name]) => name in (value ?? {}));
  return [
    ...own.map(([word]) => `${path || 'it'} breaks ${word}: ${JSON.stringify(value)}`),
    ...inner.flatMap(([name, rule]) => faults(value[name], rule, `${path}.${name}`)),
  ];
}

/** How a body differs from what the catalogue says; a field that it does not name is a difference here. */
export function differences(body) {
  const schema = events.get(body.type);
  return schema ? [...faults(body, envelope), ...faults(body.data, schema)] : [`${body.type} is not in the catalogue`];
}
