/** What the papers tell an operator to type, the binary understands; what they tell to set, it reads. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { understands, variables } from './support/binary.mjs';
import { ROOT, read } from './support/chart.mjs';

const folder = (path) => readdirSync(join(ROOT, path), { recursive: true }).map((name) => join(path, name));
const PAPERS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...folder('docs'), ...folder('infra')].filter((name) => name.endsWith('.md'));
const CARRIERS = [...PAPERS, ...folder('infra').filter((name) => /\.(ya?ml|tpl|service|sh|txt|example)$|Dockerfile$/.test(name))];
/** Of the scripts and tests, not of the binary's. */
const OF_TESTS = /^POSTERN_(APP_PASSWORD|OWNER_PASSWORD|WEBHOOK_SECRET|PG_BIN|TEST_\w+|URL|API_KEY|PORT|BIN)$/;

/** Each `postern …` within a sentence, and at the beginning of a line of a shell's block, comments gone. */
function commands(text) {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block]) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  const inline = [...text.matchAll(/`(postern [a-z][^`\n]*)`/g)].map(([, command]) => command);
  return [...blocks, ...inline]
    .map((line) => line.trim().replace(/\s+#.*$/, '').replace(/^(?:[A-Z_]+=\S+\s+|sudo \S+ |docker compose run --rm )*/, ''))
    .filter((line) => /^postern /.test(line))
    .map((line) => line.replace(/ --config \S+/, '').replace(/\s[|>].*$/, '').split(/\s+/).slice(1).map((word) => word.replace(/["“”…]/g, '')));
}

test('commands are found, and nonsense is known for it', () => {
  assert.deepEqual(commands('```sh\nA_B=c postern keys new-master   # once\npostern x \\\n  --y\n```\n'), [['keys', 'new-master'], ['x', '--y']]);
  assert.deepEqual(commands('say `postern tenant resume SLUG`, not `postern_app`'), [['tenant', 'resume', 'SLUG']]);
  assert.ok(understands(['keys', 'new-master']) && understands(['partner', 'create', '--name', 'Firm']));
  assert.ok(understands(['tenant', 'suspend', 'acme']));
  for (const words of [['nonsense'], ['serve', '--nonsense'], ['keys', 'nonsense'], ['tenant', 'nonsense', 'acme'], ['worker', 'acme']]) {
    assert.equal(understands(words), false, words.join(' '));
  }
});

for (const paper of PAPERS) {
  const said = commands(read(paper));
  if (said.length === 0) continue;
  test(`${paper}: each command is one of the binary's`, () => {
    for (const words of said) assert.ok(understands(words), `postern ${words.join(' ')}`);
  });
}

test('each setting that is named is one', () => {
  const settings = variables();
  const prefix = (name) => name.endsWith('_') || name === 'POSTERN_A__B' || name === 'POSTERN_SECTION__KEY';
  for (const carrier of CARRIERS) {
    for (const [name] of read(carrier).matchAll(/\bPOSTERN_[A-Z][A-Z0-9_]*/g)) {
      assert.ok(settings.has(name) || OF_TESTS.test(name) || prefix(name), `${carrier}: ${name}`);
    }
  }
});

test('each file that a paper leads to is there', () => {
  for (const paper of PAPERS) {
    for (const [, target] of read(paper).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)) {
      assert.ok(existsSync(join(ROOT, paper, '..', target)), `${paper}: ${target}`);
    }
  }
});
