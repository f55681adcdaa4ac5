/**
 * As much of Go's text/template and of Helm's functions as our chart uses, so that it is rendered and
 * checked where Helm is not. What it does not know is an error and never an empty text: a chart that
 * wants more has to teach it here first.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

const ACTION = /\{\{(-?)\s*([\s\S]*?)\s*(-?)\}\}/g;
const WORD = /"(?:[^"\\]|\\.)*"|:=|[|()]|,|[^\s|(),]+/g;

/** Text and actions in turn, with the white space gone that `{{-` and `-}}` take away. */
function pieces(source) {
  const found = [];
  let end = 0;
  let trim = false;
  const text = (until, trimEnd) => {
    let part = source.slice(end, until);
    if (trim) part = part.trimStart();
    if (trimEnd) part = part.trimEnd();
    if (part) found.push({ text: part });
  };
  for (const match of source.matchAll(ACTION)) {
    text(match.index, match[1] === '-');
    if (!match[2].startsWith('/*')) found.push({ action: match[2] });
    end = match.index + match[0].length;
    trim = match[3] === '-';
  }
  text(source.length, false);
  return found;
}

/** The nodes up to `end` or `else`; `rest` is consumed. */
function parse(rest, templates) {
  const nodes = [];
  while (rest.length > 0) {
    const piece = rest.shift();
    if (piece.text !== undefined) {
      nodes.push(piece);
      continue;
    }
    const [verb, ...words] = piece.action.match(WORD);
    if (verb === 'end' || verb === 'else') return { nodes, closed: verb, words };
    if (verb === 'define') templates.set(JSON.parse(words[0]), parse(rest, templates).nodes);
    else if (['if', 'with', 'range'].includes(verb)) nodes.push(block(verb, words, rest, templates));
    else nodes.push({ words: [verb, ...words] });
  }
  return { nodes };
}

function block(verb, words, rest, templates) {
  const body = parse(rest, templates);
  let otherwise = [];
  if (body.closed === 'else') {
    const [next, ...more] = body.words;
    otherwise = next ? [block(next, more, rest, templates)] : parse(rest, templates).nodes;
  } else if (body.closed !== 'end') {
    throw new Error(`{{ ${verb} ${words.join(' ')} }} has no end`);
  }
  return { verb, words, nodes: body.nodes, otherwise };
}

/** What Go holds for true. */
function truthy(value) {
  if (value === null || value === undefined) return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

const indent = (width, text) => String(text).replace(/^/gm, ' '.repeat(width));

const FUNCTIONS = {
  default: (fallback, value) => (truthy(value) ? value : fallback),
  dict: (...pairs) => Object.fromEntries(pairs.flatMap((key, at) => (at % 2 ? [] : [[key, pairs[at + 1]]]))),
  lower: (text) => String(text).toLowerCase(),
  nindent: (width, text) => `\n${indent(width, text)}`,
  not: (value) => !truthy(value),
  printf: (format, ...values) => format.replace(/%s/g, () => String(values.shift())),
  quote: (value) => JSON.stringify(String(value)),
  replace: (from, to, text) => String(text).replaceAll(from, to),
  sha256sum: (text) => createHash('sha256').update(text).digest('hex'),
  toJson: (value) => JSON.stringify(sorted(value)),
  toYaml: (value) => stringify(sorted(value), { lineWidth: 0 }).trimEnd(),
  trimSuffix: (suffix, text) => (text.endsWith(suffix) ? text.slice(0, -suffix.length) : text),
  trunc: (length, text) => String(text).slice(0, length),
};

/** The value of a path such as `.Values.image.tag`, from where `.` is. */
function walk(value, path) {
  return path.split('.').filter(Boolean).reduce((at, name) => at?.[name], value);
}

class Renderer {
  constructor(templates) {
    this.templates = templates;
  }

  render(nodes, scope) {
    return nodes.map((node) => this.node(node, scope)).join('');
  }

  node(node, scope) {
    if (node.text !== undefined) return node.text;
    if (!node.verb) return printed(this.value(node.words, scope));
    if (node.verb === 'range') return this.range(node, scope);
    const value = this.value(node.words, scope);
    if (!truthy(value)) return this.render(node.otherwise, scope);
    return this.render(node.nodes, node.verb === 'with' ? { ...scope, dot: value } : scope);
  }

  range(node, scope) {
    const at = node.words.indexOf(':=');
    const names = node.words.slice(0, Math.max(at, 0)).filter((word) => word !== ',');
    const value = this.value(node.words.slice(at + 1), scope);
    if (!truthy(value)) return this.render(node.otherwise, scope);
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(sorted(value));
    const each = ([key, item]) => {
      const named = names.length > 1 ? { [names[0]]: key, [names[1]]: item } : names[0] ? { [names[0]]: item } : {};
      return this.render(node.nodes, { ...scope, ...named, dot: item });
    };
    return entries.map(each).join('');
  }

  /** A pipeline: each command's value is the last argument of the next. */
  value(words, scope) {
    const commands = [[]];
    let depth = 0;
    for (const word of words) {
      depth += word === '(' ? 1 : word === ')' ? -1 : 0;
      if (word === '|' && depth === 0) commands.push([]);
      else commands.at(-1).push(word);
    }
    return commands.reduce((before, command, at) => this.command(command, scope, at > 0 ? [before] : []), undefined);
  }

  command(words, scope, piped) {
    const [first, ...rest] = words;
    const isFunction = /^[a-z]\w*$/i.test(first) && !['true', 'false', 'nil'].includes(first);
    if (!isFunction) return this.arguments(words, scope)[0];
    const given = [...this.arguments(rest, scope), ...piped];
    if (first === 'include') return this.include(...given);
    if (!FUNCTIONS[first]) throw new Error(`the function ${first} is not known here`);
    return FUNCTIONS[first](...given);
  }

  include(name, dot) {
    if (!this.templates.has(name)) throw new Error(`there is no template ${name}`);
    return this.render(this.templates.get(name), { $: dot, dot });
  }

  arguments(words, scope) {
    const rest = [...words];
    const values = [];
    while (rest.length > 0) values.push(this.argument(rest, scope));
    return values;
  }

  argument(rest, scope) {
    const word = rest.shift();
    if (word === '(') {
      const inner = [];
      for (let depth = 1; ; ) {
        const next = rest.shift();
        depth += next === '(' ? 1 : next === ')' ? -1 : 0;
        if (depth === 0) return this.value(inner, scope);
        inner.push(next);
      }
    }
    if (word.startsWith('"')) return JSON.parse(word);
    if (/^-?\d+$/.test(word)) return Number(word);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word.startsWith('.')) return walk(scope.dot, word);
    const [name, ...path] = word.split('.');
    if (name in scope) return walk(scope[name], path.join('.'));
    throw new Error(`${word} cannot be read here`);
  }
}

function printed(value) {
  if (value === undefined || value === null) throw new Error('a value is missing');
  return String(value);
}

/** Renders files (name → text) of a chart with what Helm would give them; helpers (`_…`) give no text. */
export function renderFiles(files, given) {
  const templates = new Map();
  const parsed = Object.entries(files).map(([name, text]) => [name, parse(pieces(text), templates).nodes]);
  const renderer = new Renderer(templates);
  const shown = parsed.filter(([name]) => !name.startsWith('_'));
  return Object.fromEntries(shown.map(([name, nodes]) => [name, renderer.render(nodes, { $: given, dot: given })]));
}
