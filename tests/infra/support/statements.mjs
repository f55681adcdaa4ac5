/** Every SQL text of the services and of the login path's functions, as far as it can be read without compiling. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './chart.mjs';

const LITERAL = /"((?:[^"\\]|\\.)*)"/gs;
const IS_SQL = /\b(select|insert|update|delete)\b/i;

const files = (folder, wanted) => readdirSync(join(ROOT, folder), { recursive: true }).filter((file) => wanted.test(file)).map((file) => join(folder, file));
const literals = (source) => [...source.matchAll(LITERAL)].map(([, text]) => text);

/** The index behind the parenthesis that is opened at `open`, passing over strings. */
function closing(source, open) {
  for (let at = open, depth = 0; at < source.length; at++) {
    if (source[at] === '"') at = source.slice(at).search(/[^\\]"/) + at + 1;
    else if ('({'.includes(source[at])) depth++;
    else if (')}'.includes(source[at]) && --depth === 0) return at + 1;
  }
  return source.length;
}

/** The source's parts that begin with a word and are in parentheses, and what is left of it. */
function cutOut(source, word) {
  const parts = [];
  let rest = '';
  let end = 0;
  for (const match of source.matchAll(word)) {
    if (match.index < end) continue;
    rest += source.slice(end, match.index);
    end = closing(source, match.index + match[0].length - 1);
    parts.push(source.slice(match.index, end));
  }
  return { parts, rest: rest + source.slice(end) };
}

/** Texts that stand alone; and those that are put together, each with every piece that its file can put in. */
export function statementsOfRust(source) {
  const code = source.split('#[cfg(test)]')[0].replace(/^\s*\/\/.*$/gm, '');
  const macros = cutOut(code, /macro_rules! \w+ \{/g);
  const pieces = macros.parts.flatMap(literals).join(' ');
  const joined = cutOut(macros.rest, /concat!\(/g);
  const whole = joined.parts.map((part) => `${literals(part).join(' ')} ${pieces}`);
  const own = macros.parts.length > 0 ? [pieces] : [];
  return [...literals(joined.rest), ...whole, ...own].filter((text) => IS_SQL.test(text));
}

const statementsOfSql = (source) => source.replace(/--.*$/gm, '').split(/;[ \t]*\n/).filter((text) => IS_SQL.test(text));

/** All of them, with where each is. */
export function statements() {
  // What builds databases for tests, and what reads the catalog, is no service's.
  const rust = files('services', /^(?!testkit|io-postgres)[\w-]+\/src\/.*\.rs$/);
  const sql = files('migrations/hot_path', /\.sql$/);
  const of = (reader) => (file) => reader(readFileSync(join(ROOT, file), 'utf8')).map((text) => ({ file, text: text.replace(/\s+/g, ' ') }));
  return [...rust.flatMap(of(statementsOfRust)), ...sql.flatMap(of(statementsOfSql))];
}

/** Words that may follow a table's name and are no other name for it. */
const NO_ALIAS = 'where|on|set|order|group|limit|join|left|inner|cross|returning|for|union|values|using|natural|full|right|having|offset|and|or|do|default|as';

/** Which of these tables a statement reads or changes without saying of whom. */
export function withoutTenant(text, tables) {
  const named = new RegExp(`\\b(?:from|join|update|using)\\s+(?:public\\.)?(${tables.join('|')})\\b(?:\\s+(?:as\\s+)?(?!(?:${NO_ALIAS})\\b)([a-z]\\w*))?`, 'gi');
  const shadows = new Set([...text.matchAll(/\b(\w+) as (?:(?:not )?materialized )?\(/g)].map(([, name]) => name));
  const found = [...text.matchAll(named)].filter(([, table]) => !shadows.has(table));
  const bare = /(^|[^.\w])tenant_id\b/.test(text);
  return found
    .filter(([, table, alias]) => !new RegExp(`\\b${alias ?? table}\\.tenant_id\\b`).test(text) && !(bare && (!alias || found.length === 1)))
    .map(([, table, alias]) => (alias ? `${table} ${alias}` : table));
}
