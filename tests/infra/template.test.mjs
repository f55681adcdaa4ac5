/** The renderer of the chart: what it knows is as Go's template has it, what it does not know is an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overlay } from './support/chart.mjs';
import { renderFiles } from './support/template.mjs';

const render = (text, given = {}, helpers = '') => renderFiles({ '_h.tpl': helpers, 'a.yaml': text }, given)['a.yaml'];

test('values are printed, white space goes where a dash says so', () => {
  assert.equal(render('a: {{ .Values.x }}\n', { Values: { x: 1 } }), 'a: 1\n');
  assert.equal(render('a\n  {{- "b" -}}\n c', {}), 'abc');
  assert.equal(render('a{{/* nothing */}}b'), 'ab');
});

test('a value that is not there is an error, never an empty text', () => {
  assert.throws(() => render('{{ .Values.x.y }}', { Values: {} }), /missing/);
  assert.throws(() => render('{{ $nobody }}'), /cannot be read/);
  assert.throws(() => render('{{ include "nobody" . }}'), /no template/);
  assert.throws(() => render('{{ lookup "v1" }}'), /not known/);
  assert.throws(() => render('{{ if .x }}'), /no end/);
});

test('conditions: empty is false, as in Go', () => {
  const text = '{{ if .x }}yes{{ else if .y }}perhaps{{ else }}no{{ end }}';
  for (const empty of [undefined, null, '', 0, false, [], {}]) {
    assert.equal(render(text, { x: empty }), 'no');
    assert.equal(render(text, { x: empty, y: 1 }), 'perhaps');
  }
  assert.equal(render(text, { x: [0] }), 'yes');
  assert.equal(render('{{ if not .x }}no{{ end }}', { x: '' }), 'no');
});

test('ranges go over maps in the order of their names, and know the whole', () => {
  assert.equal(render('{{ range $k, $v := .m }}{{ $k }}={{ $v }}{{ $.x }};{{ end }}', { m: { b: 2, a: 1 }, x: '!' }), 'a=1!;b=2!;');
  assert.equal(render('{{ range .l }}[{{ . }}]{{ else }}none{{ end }}', { l: [] }), 'none');
  assert.equal(render('{{ range .l }}[{{ . }}]{{ end }}', { l: [1, 2] }), '[1][2]');
  assert.equal(render('{{ range $c, $of := dict "s" .a "w" .b }}{{ $c }}{{ $of.n }}{{ end }}', { a: { n: 1 }, b: { n: 2 } }), 's1w2');
});

test('functions, pipelines and parentheses', () => {
  const helpers = '{{- define "n" -}}{{ .x | trunc 3 | trimSuffix "-" }}{{- end -}}';
  assert.equal(render('{{ include "n" . | quote }}', { x: 'ab-cd' }, helpers), '"ab"');
  assert.equal(render('{{ printf "%s:%s" .a (default "c" .b) }}', { a: 'a', b: '' }), 'a:c');
  assert.equal(render('x:{{ toYaml .m | nindent 2 }}', { m: { b: [1], a: 'y' } }), 'x:\n  a: y\n  b:\n    - 1');
  assert.equal(render('{{ "1.2" | replace "." "-" }}{{ toJson .m }}', { m: { b: 1, a: [true] } }), '1-2{"a":[true],"b":1}');
});

test('values over values: maps are merged, lists replaced', () => {
  assert.deepEqual(overlay({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] } }), { a: { b: 1, c: [3] }, d: 1 });
});
