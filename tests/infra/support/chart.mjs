/** The chart, rendered as `helm template` would with a file of values. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { renderFiles } from './template.mjs';

export const ROOT = resolve(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'infra/helm/postern');

export const read = (path) => readFileSync(join(ROOT, path), 'utf8');

const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** As Helm lays values over values: maps are merged, all else is replaced. */
export function overlay(base, over) {
  if (!isMap(base) || !isMap(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = key in base ? overlay(base[key], value) : value;
  return merged;
}

/** The files' texts by name, in the order of their names. */
export function renderChart(values = {}, service = 'Helm') {
  const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
  const names = readdirSync(join(CHART, 'templates')).sort();
  const files = Object.fromEntries(names.map((file) => [file, readFileSync(join(CHART, 'templates', file), 'utf8')]));
  return renderFiles(files, {
    Values: overlay(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')), values),
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
    Release: { Name: 'postern', Namespace: 'default', Service: service },
  });
}

/** Every object in some YAML; a fault in it is thrown. */
export function objectsIn(text) {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true, merge: true })
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter(Boolean);
}

const isYaml = ([file]) => file.endsWith('.yaml');

/** Every object of the chart. */
export const chartObjects = (values) => Object.entries(renderChart(values)).filter(isYaml).flatMap(([, text]) => objectsIn(text));

/** The plain manifests: the same objects, with `infra/kubernetes/values.yaml`. */
export function manifests() {
  const head = '# Made from infra/helm/postern by `npm --prefix tests/infra run render`; change that, and render it again.\n';
  const texts = Object.entries(renderChart(parse(read('infra/kubernetes/values.yaml')), 'kubectl')).filter(isYaml).map(([, text]) => text);
  const parts = texts.flatMap((text) => text.split(/^---$/m)).map((part) => part.trim()).filter((part) => /^[^#\s]/m.test(part));
  return `${head}${parts.map((part) => `---\n${part}\n`).join('')}`;
}
