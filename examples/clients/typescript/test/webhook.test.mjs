// Against the library of Standard Webhooks, in both directions.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { WebhookError, verifyWebhook } from '../dist/index.js';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('fedcba9876543210fedcba9876543210').toString('base64')}`;
const BODY = JSON.stringify({ type: 'user.locked', timestamp: '2026-09-21T14:13:20.000Z', data: { userId: 'user_1', until: null } });

function signed({ body = BODY, secret = SECRET, id = 'event_1', at = Date.now() } = {}) {
  const signature = new Webhook(secret).sign(id, new Date(at), body);
  return { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1_000)), 'webhook-signature': signature };
}

const refused = (headers, body = BODY, secrets = SECRET) =>
  assert.rejects(verifyWebhook(secrets, headers, body), (error) => error instanceof WebhookError);

test('what the library signs is believed, however the headers come', async () => {
  const headers = signed();
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  for (const given of [headers, upper, new Headers(headers)]) {
    const event = await verifyWebhook(SECRET, given, BODY);
    assert.deepEqual(event, { id: 'event_1', ...JSON.parse(BODY) });
  }
});

test('while a secret rotates both ends may have two', async () => {
  await verifyWebhook([OTHER, SECRET], signed(), BODY);
  const both = `${signed({ secret: OTHER })['webhook-signature']} ${signed()['webhook-signature']}`;
  await verifyWebhook(SECRET, { ...signed(), 'webhook-signature': both }, BODY);
  await verifyWebhook(SECRET, { ...signed(), 'webhook-signature': `v2,AAAA v1a,BBBB ${both}` }, BODY);
});

test('anything changed is refused', async () => {
  await refused(signed(), `${BODY} `);
  await refused(signed({ secret: OTHER }));
  await refused({ ...signed(), 'webhook-id': 'event_2' });
  await refused({ ...signed(), 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 1) });
});

test('five minutes, and not more', async () => {
  for (const seconds of [-290, 290]) await verifyWebhook(SECRET, signed({ at: Date.now() + seconds * 1_000 }), BODY);
  for (const seconds of [-310, 310]) await refused(signed({ at: Date.now() + seconds * 1_000 }));
});

test('what is missing or no signature is refused', async () => {
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) await refused({ ...signed(), [name]: undefined });
  for (const signature of ['', 'v1', 'v1,', 'v1,%%%', 'v1,AAAA', signed()['webhook-signature'].replace('v1', 'v2'), signed()['webhook-signature'].slice(0, -2)]) {
    await refused({ ...signed(), 'webhook-signature': signature });
  }
  for (const time of ['now', '-1', '1e9', ' 1', '99999999999999999']) await refused({ ...signed(), 'webhook-timestamp': time });
  await refused({ ...signed(), 'webhook-signature': [signed()['webhook-signature']] });
});

test('what is signed and no event is refused', async () => {
  for (const body of ['', 'null', '[]', '{}', '{"type":1,"timestamp":"x","data":{}}', 'not json']) await refused(signed({ body }), body);
});
