/** Real HTTP servers on loopback for the tests; none of them knows anything of the site's inside. */
import { createServer } from 'node:http';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

/**
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} listener
 * @returns {Promise<string>} its base address
 */
export async function serve(t, listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

/** @param {import('node:http').IncomingMessage} request */
export async function readBody(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

export const TENANT = 'tenant-1';

/** Keys like Postern's, and assertions signed with them. */
export async function signer(kid = 'key-1') {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' };
  /**
   * @param {Record<string, unknown>} claims undefined removes one
   * @param {{header?: Record<string, unknown>, key?: any}} [options]
   */
  const sign = (claims, { header = {}, key = privateKey } = {}) =>
    new SignJWT(JSON.parse(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', kid, ...header }).sign(key);
  return { jwk, sign, privateKey };
}

/** @param {string} issuer @param {Record<string, unknown>} [changes] */
export function goodClaims(issuer, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: TENANT,
    sub: 'ada.client',
    jti: 'login-1',
    iat: now,
    exp: now + 300,
    auth_time: now,
    amr: ['pwd', 'sms'],
    acr: 'postern:2fa',
    acr_rank: 30,
    ...changes,
  };
}
