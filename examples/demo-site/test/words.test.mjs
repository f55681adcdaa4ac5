import assert from 'node:assert/strict';
import test from 'node:test';
import { inboxPage } from '../src/pages/sandbox.mjs';
import { actorInWords, deviceInWords, locationInWords, spanInWords, untilInWords } from '../src/words.mjs';

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

test('a span is told in days, else in hours', () => {
  assert.deepEqual([2_592_000, 86_400, 7_200, 3_600, 60].map(spanInWords), ['30 days', '1 day', '2 hours', '1 hour', '1 hour']);
});

test('of a place is told what is known', () => {
  const told = [{ country: 'US', city: 'Boston' }, { country: 'AU', city: null }, { country: null, city: 'London' }, { country: null, city: null }, null].map(locationInWords);
  assert.deepEqual(told, ['Boston, United States', 'Australia', 'London', 'An unknown place', 'An unknown place']);
});

test('a device is called by its browser and its system', () => {
  const agents = [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
    'curl/8.9',
    null,
  ];
  assert.deepEqual(agents.map(deviceInWords), ['Edge on Windows', 'Safari on an iPhone', 'Chrome on Android', 'A browser', 'A browser']);
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
