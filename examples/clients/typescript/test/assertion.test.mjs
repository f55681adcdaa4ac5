import assert from 'node:assert/strict';
import test from 'node:test';
import { SignJWT, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { AssertionError, AssertionVerifier } from '../dist/index.js';
import { TENANT, goodClaims, serve, signer } from './support.mjs';

const EXPECTED = { loginId: 'login_1', externalId: 'ada.client' };

/** A verifier against a real key server. */
async function setUp(t, options = {}) {
  const keys = await signer();
  let reads = 0;
  const url = await serve(t, (request, response) => {
    reads += 1;
    response.writeHead(request.url === '/.well-known/jwks.json' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [keys.jwk] }));
  });
  const verifier = new AssertionVerifier({ posternUrl: url, issuer: url, tenantId: TENANT, ...options });
  return { ...keys, url, verifier, claims: (changes = {}) => goodClaims(url, changes), reads: () => reads };
}

const refused = (promise, reason = /./) =>
  assert.rejects(promise, (error) => error instanceof AssertionError && reason.test(error.reason));

test('a good assertion is believed, and its claims returned', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const { acr, amr } = await verifier.verify(await sign(claims()), EXPECTED);
  assert.deepEqual([acr, amr], ['postern:2fa', ['pwd', 'sms']]);
});

test('the keys are read once for many assertions', async (t) => {
  const { verifier, sign, claims, reads } = await setUp(t);
  for (const jti of ['a', 'b', 'c']) await verifier.verify(await sign(claims({ jti })), { ...EXPECTED, loginId: jti });
  assert.equal(reads(), 1);
});

test('no assertion is no proof', async (t) => {
  const { verifier } = await setUp(t);
  for (const nothing of [null, undefined, '', 7, {}, 'not.a.jwt']) await refused(verifier.verify(nothing, EXPECTED));
});

test('every claim that names something must name ours', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const wrong = {
    iss: 'https://elsewhere.example',
    aud: 'tenant_2',
    sub: 'grace.client',
    jti: 'login_2',
  };
  for (const [name, value] of Object.entries(wrong)) await refused(verifier.verify(await sign(claims({ [name]: value })), EXPECTED));
});

test('an audience that names others besides us is refused', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  await refused(verifier.verify(await sign(claims({ aud: [TENANT, 'tenant_2'] })), EXPECTED), /form/);
});

test('no required claim may be missing', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  for (const name of ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'auth_time', 'amr', 'acr']) {
    await refused(verifier.verify(await sign(claims({ [name]: undefined })), EXPECTED));
  }
});

test('claims of the wrong form are refused', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  for (const changes of [{ amr: 'pwd' }, { amr: [1] }, { acr: 30 }, { acr_rank: '40' }, { auth_time: 'now' }, { exp: '9999999999' }]) {
    await refused(verifier.verify(await sign(claims(changes)), EXPECTED));
  }
});

test('old assertions are refused, whatever they say about their end', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const now = Math.floor(Date.now() / 1000);
  await refused(verifier.verify(await sign(claims({ iat: now - 700, exp: now - 400 })), EXPECTED));
  await refused(verifier.verify(await sign(claims({ iat: now - 700, exp: now + 9_000 })), EXPECTED));
});

test('an assertion from the future is refused, one from a clock slightly ahead is not', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const now = Math.floor(Date.now() / 1000);
  await refused(verifier.verify(await sign(claims({ iat: now + 120, exp: now + 420 })), EXPECTED));
  await verifier.verify(await sign(claims({ iat: now + 15, exp: now + 315 })), EXPECTED);
});

test('an assertion works once', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const token = await sign(claims());
  await verifier.verify(token, EXPECTED);
  await refused(verifier.verify(token, EXPECTED), /before/);
});

test('of many uses at the same moment one succeeds', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const token = await sign(claims());
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => verifier.verify(token, EXPECTED)));
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
});

test('a refused assertion does not use up the good one', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const token = await sign(claims());
  await refused(verifier.verify(token, { ...EXPECTED, externalId: 'grace.client' }));
  await verifier.verify(token, EXPECTED);
});

test('another key is not believed under the known key’s name', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const stranger = await signer();
  await refused(verifier.verify(await sign(claims(), { key: stranger.privateKey }), EXPECTED));
});

test('a changed payload breaks the signature', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const [header, , signature] = (await sign(claims({ acr: 'postern:1fa' }))).split('.');
  const better = Buffer.from(JSON.stringify(claims())).toString('base64url');
  await refused(verifier.verify(`${header}.${better}.${signature}`, EXPECTED));
});

test('unsigned tokens and other algorithms are refused', async (t) => {
  const { verifier, claims, jwk } = await setUp(t);
  const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'key-1' })).toString('base64url');
  await refused(verifier.verify(`${header}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`, EXPECTED));
  const publicKey = (await importJWK({ ...jwk, ext: true }, 'EdDSA', { extractable: true }));
  const secret = new TextEncoder().encode(await exportSPKI(publicKey));
  const mac = await new SignJWT((claims())).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
  await refused(verifier.verify(mac, EXPECTED));
  const { privateKey } = await generateKeyPair('ES256');
  const other = await new SignJWT((claims())).setProtectedHeader({ alg: 'ES256', kid: 'key-1' }).sign(privateKey);
  await refused(verifier.verify(other, EXPECTED));
});

test('a key that the token brings along is not used', async (t) => {
  const { verifier, claims } = await setUp(t);
  const stranger = await signer('key-2');
  const token = await stranger.sign(claims(), { header: { jwk: stranger.jwk, jku: 'https://elsewhere.example/jwks.json' } });
  await refused(verifier.verify(token, EXPECTED));
});

test('without the keys nobody is let in', async (t) => {
  const { sign } = await signer();
  const url = await serve(t, (_request, response) => response.writeHead(503).end());
  const verifier = new AssertionVerifier({ posternUrl: url, issuer: url, tenantId: TENANT });
  await refused(verifier.verify(await sign(goodClaims(url)), EXPECTED));
});

test('a second clock half a minute apart is no reason to refuse, a minute is', async (t) => {
  for (const [apart, believed] of [[-25, true], [325, true], [-40, false], [335, false]]) {
    const { verifier, sign, claims } = await setUp(t, { now: () => Date.now() + apart * 1_000 });
    const result = verifier.verify(await sign(claims()), EXPECTED);
    await (believed ? result : refused(result));
  }
});

test('a login that is not strong enough does not open what asks for more', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const weak = await sign(claims({ acr: 'postern:1fa', acr_rank: 10 }));
  await refused(verifier.verify(weak, { ...EXPECTED, acrRank: 30 }), /strong/);
  await refused(verifier.verify(await sign(claims({ acr_rank: undefined })), { ...EXPECTED, acrRank: 10 }), /strong/);
  await verifier.verify(weak, { ...EXPECTED, acrRank: 10 });
});

test('what was used is noted where the caller says', async (t) => {
  const noted = [];
  const { verifier, sign, claims } = await setUp(t, { spend: async (jti, until) => noted.push([jti, until]) === 1 });
  const token = await sign(claims());
  const { exp } = await verifier.verify(token, EXPECTED);
  assert.deepEqual(noted, [['login_1', exp + 30]]);
  await refused(verifier.verify(token, EXPECTED), /before/);
});

test('an unknown key is asked for once in five seconds, a new one is taken up', async (t) => {
  const [old, fresh, forged] = [await signer('old'), await signer('fresh'), await signer('forged')];
  let [keys, reads, now] = [[old.jwk], 0, Date.now()];
  const url = await serve(t, (_request, response) => {
    reads += 1;
    response.end(JSON.stringify({ keys }));
  });
  const verifier = new AssertionVerifier({ posternUrl: url, issuer: url, tenantId: TENANT, now: () => now });
  await verifier.verify(await old.sign(goodClaims(url)), EXPECTED);
  for (let count = 0; count < 20; count += 1) await refused(verifier.verify(await forged.sign(goodClaims(url)), EXPECTED), /published/);
  assert.equal(reads, 1);
  keys = [old.jwk, fresh.jwk];
  now += 6_000;
  await verifier.verify(await fresh.sign(goodClaims(url, { jti: 'login_2' })), { ...EXPECTED, loginId: 'login_2' });
  assert.equal(reads, 2);
  keys = [fresh.jwk];
  now += 5 * 60_000;
  await refused(verifier.verify(await old.sign(goodClaims(url, { iat: Math.floor(now / 1_000), exp: Math.floor(now / 1_000) + 300, jti: 'login_3' })), { ...EXPECTED, loginId: 'login_3' }), /published/);
});

test('another spelling of the same signature is refused', async (t) => {
  const { verifier, sign, claims } = await setUp(t);
  const token = await sign(claims());
  for (const changed of [`${token}=`, token.replace('.', '=.'), ` ${token}`, `${token}.`, token.split('.').slice(0, 2).join('.')]) {
    await refused(verifier.verify(changed, EXPECTED));
  }
  await refused(verifier.verify(await sign(claims(), { header: { crit: ['exp'] } }).catch(() => 'a.b.c'), EXPECTED));
});

test('keys for something else are not used', async (t) => {
  const { jwk, sign } = await signer();
  for (const changes of [{ use: 'enc' }, { kty: 'oct', k: jwk.x }, { crv: 'X25519' }, { kid: 7 }]) {
    const url = await serve(t, (_request, response) => response.end(JSON.stringify({ keys: [{ ...jwk, ...changes }] })));
    const verifier = new AssertionVerifier({ posternUrl: url, tenantId: TENANT });
    await refused(verifier.verify(await sign(goodClaims(url)), EXPECTED));
  }
});
