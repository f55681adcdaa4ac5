import assert from 'node:assert/strict';
import test from 'node:test';
import { inboxPage } from '../src/pages/sandbox.mjs';
import { actorInWords, untilInWords } from '../src/words.mjs';

test('thirty days are thirty days, although a second has gone by since', () => {
  const clock = '2026-01-01T00:00:01Z';
  assert.equal(untilInWords('2026-01-31T00:00:00Z', clock), 'in 30 days');
  assert.equal(untilInWords('2026-01-02T00:00:01Z', clock), 'in 1 day');
  assert.equal(untilInWords('2026-01-01T05:00:01Z', clock), 'in 5 hours');
  assert.equal(untilInWords('2026-01-01T00:00:30Z', clock), 'in less than a minute');
});

test('who did it is told without the notation of the audit log', () => {
  assert.equal(actorInWords('admin:a@firm.example via key:help desk'), 'a@firm.example via the API key “help desk”');
  assert.equal(actorInWords('key:help desk'), 'the API key “help desk”');
  assert.equal(actorInWords('admin:a@firm.example'), 'a@firm.example');
});

test('in the inbox a code stands out, a link can be followed, and a text stays a text', () => {
  const page = (/** @type {string} */ purpose, /** @type {string} */ sandboxBody) =>
    inboxPage({
      messages: [{ channel: 'SMS', destination: '+1', purpose, status: 'DELIVERED', createdAt: '2026-01-01T00:00:00Z', sandboxBody }],
      time: { clock: '2026-01-01T00:00:00Z', timeZone: 'UTC' },
      held: true,
    }).text;
  assert.match(page('CODE', '<i>123456</i> is your code.'), /&lt;i&gt;<b class="pin">123456<\/b>&lt;\/i&gt; is your code\./);
  assert.match(page('CODE', 'Your code: 1, 2, 3, 4, 5, 6.'), /<b class="pin">1, 2, 3, 4, 5, 6<\/b>\./);
  assert.match(page('ONE_TIME_LINK', 'Open https://p.example/link/12345678 now'), /<a href="https:\/\/p\.example\/link\/12345678"/);
});
