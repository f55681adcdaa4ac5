import assert from 'node:assert/strict';
import test from 'node:test';
import { escape, html, linkify, raw } from '../src/html.mjs';

test('values are text, in elements and in attributes', () => {
  const hostile = `"><script>alert('1')</script>&\``;
  assert.equal(escape(hostile), '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;');
  assert.equal(html`<p title="${hostile}">${hostile}</p>`.text, `<p title="${escape(hostile)}">${escape(hostile)}</p>`);
});

test('markup is not escaped twice, and lists are joined', () => {
  const items = ['<a>', '<b>'].map((name) => html`<li>${name}</li>`);
  assert.equal(html`<ul>${items}</ul>`.text, '<ul><li>&lt;a&gt;</li><li>&lt;b&gt;</li></ul>');
  assert.equal(html`${raw('<hr>')}`.text, '<hr>');
});

test('nothing stands for what is absent, and zero is not absent', () => {
  assert.equal(html`[${null}${undefined}${false}${0}${''}]`.text, '[0]');
});

test('something that only looks like markup is still text', () => {
  assert.equal(html`${{ text: '<script>', toString: () => '<script>' }}`.text, '&lt;script&gt;');
});

test('web addresses become links without the full stop behind them', () => {
  const text = linkify('Go to http://localhost:8080/link/a-b_c?x=1&y=2. Thanks').text;
  assert.equal(
    text,
    'Go to <a href="http://localhost:8080/link/a-b_c?x=1&amp;y=2" rel="noreferrer">http://localhost:8080/link/a-b_c?x=1&amp;y=2</a>. Thanks',
  );
});

test('only web addresses become links, and what is around them stays text', () => {
  assert.equal(linkify('javascript:alert(1) <b>').text, 'javascript:alert(1) &lt;b&gt;');
  assert.equal(linkify('https://x.example/"onload="evil').text.includes('"onload'), false);
});
