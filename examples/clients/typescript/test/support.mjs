/** Real HTTP servers on loopback, and keys like Postern's made by another library. */
import { createServer } from 'node:http';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

export const TENANT = 'tenant_1';

/** A server, ended with the test; its base address. */
export async function serve(t, listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

export async function readBody(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** A signing key and what it signs. */
export async function signer(kid = 'key-1') {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' };
  const sign = (claims, { header = {}, key = privateKey } = {}) =>
    new SignJWT(JSON.parse(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', kid, ...header }).sign(key);
  return { jwk, sign, privateKey };
}

/** Claims of a good assertion; undefined removes one. */
export function goodClaims(issuer, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: TENANT,
    sub: 'ada.client',
    jti: 'login_1',
    iat: now,
    exp: now + 300,
    auth_time: now,
    amr: ['pwd', 'sms'],
    acr: 'postern:2fa',
    acr_rank: 30,
    ...changes,
  };
}
