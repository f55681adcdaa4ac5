/**
 * GraphQL over HTTP, by the audits of its reference implementation. Three optional ones want queries
 * by GET, which we refuse on purpose: a query in a URL ends up in logs and histories.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { startPostern } from './server.mjs';

const REFUSED_ON_PURPOSE = new Set(['5A70', 'D6D5', '6A70']);

let postern;
before(async () => (postern = await startPostern()));
after(() => postern?.stop());

/** @param {string} input @param {RequestInit} init */
function authorized(input, init = {}) {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${postern.apiKey}`);
  return fetch(input, { ...init, headers });
}

/** @param {object} body @param {object} [headers] */
const post = (body, headers = {}) =>
  authorized(postern.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('audits of graphql-http', () => {
  const audits = serverAudits({ url: () => postern.graphql, fetchFn: authorized });

  test('there are as many as there were', () => assert.equal(audits.length, 61));

  for (const audit of audits.filter(({ id }) => !REFUSED_ON_PURPOSE.has(id))) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      assert.equal(result.status, 'ok', result.reason);
    });
  }
});

describe('refusals', () => {
  /** @param {Response} response @param {number} status @param {string} code */
  async function refused(response, status, code) {
    assert.equal(response.status, status);
    const body = await response.json();
    assert.equal('data' in body, false);
    assert.equal(body.errors[0].extensions.code, code);
    return body.errors[0];
  }

  test('GET is refused, with the method that is not', async () => {
    const response = await authorized(`${postern.graphql}?query=%7B__typename%7D`);
    assert.equal(response.headers.get('allow'), 'POST');
    await refused(response, 405, 'BAD_REQUEST');
  });

  test('nobody, and whoever is not who they say', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const headers = { 'content-type': 'application/json' };
    await refused(await fetch(postern.graphql, { method: 'POST', headers, body }), 401, 'UNAUTHENTICATED');
    const wrong = { ...headers, authorization: `Bearer ${postern.apiKey.slice(0, -1)}` };
    await refused(await fetch(postern.graphql, { method: 'POST', headers: wrong, body }), 401, 'UNAUTHENTICATED');
  });

  test("another tenant's name in the header", async () => {
    await refused(await post({ query: '{ __typename }' }, { 'x-postern-tenant': 'tenant_0' }), 403, 'FORBIDDEN');
  });

  test('batches', async () => {
    await refused(await post([{ query: '{ __typename }' }]), 400, 'BAD_REQUEST');
  });

  test('a body that is too long, or no JSON', async () => {
    await refused(await post({ query: '{ __typename }', padding: 'x'.repeat(256 * 1024) }), 413, 'BAD_REQUEST');
    await refused(await post('{ __typename }'), 400, 'BAD_REQUEST');
    await refused(await post({ query: '{ __typename }' }, { 'content-type': 'text/plain' }), 415, 'BAD_REQUEST');
  });

  test('brackets without end neither crash nor hang it', async () => {
    const accept = { accept: 'application/graphql-response+json' };
    for (const bracket of ['{a', '{a(b:[', '{a(b:{c:', 'query($a:[']) {
      await refused(await post({ query: bracket.repeat(20_000) }, accept), 400, 'QUERY_TOO_COMPLEX');
    }
    const deep = `{"query":"{__typename}","variables":{"a":${'['.repeat(100_000)}}}`;
    await refused(await post(deep), 400, 'BAD_REQUEST');
    assert.equal((await post({ query: '{ __typename }' })).status, 200);
  });

  test('fragments that stand for more fields than there are atoms', async () => {
    const levels = Array.from({ length: 60 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`);
    const query = `{ ...F0 } ${levels.join(' ')} fragment F60 on Query { __typename }`;
    const error = await refused(await post({ query }, { accept: 'application/graphql-response+json' }), 400, 'QUERY_TOO_COMPLEX');
    assert.match(error.message, /too complex/);
  });

  test('an unknown address is no page of anybody', async () => {
    const response = await fetch(`${postern.url}/nothing/here`);
    assert.match(response.headers.get('content-type'), /json/);
    await refused(response, 404, 'BAD_REQUEST');
  });
});

describe('everything that is answered', () => {
  test('carries security headers and a name', async () => {
    for (const path of ['/graphql', '/healthz', '/nowhere', '/.well-known/jwks.json']) {
      const { headers } = await fetch(`${postern.url}${path}`);
      assert.match(headers.get('strict-transport-security'), /max-age/, path);
      assert.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.match(headers.get('x-request-id'), /^[\w-]{8,64}$/, path);
    }
  });

  test('is not kept, but for the published keys', async () => {
    assert.equal((await post({ query: '{ __typename }' })).headers.get('cache-control'), 'no-store');
    const keys = await fetch(`${postern.url}/.well-known/jwks.json`);
    assert.match(keys.headers.get('cache-control'), /max-age=\d+/);
    const { keys: [key] } = await keys.json();
    assert.deepEqual([key.kty, key.crv, key.alg], ['OKP', 'Ed25519', 'EdDSA']);
    assert.equal('d' in key, false);
  });

  test('health and readiness', async () => {
    assert.equal((await fetch(`${postern.url}/healthz`)).status, 200);
    assert.equal((await fetch(`${postern.url}/readyz`)).status, 200);
  });
});
