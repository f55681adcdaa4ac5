/**
 * Everything the site is told from outside, read once. A missing value is one clear sentence.
 */

/**
 * @typedef {{externalId: string, password: string, kind: 'INTERNAL' | 'EXTERNAL', displayName: string, email?: string}} DemoUser
 * @typedef {object} Config
 * @property {number} port
 * @property {string[]} hosts addresses to listen on
 * @property {string} siteUrl where browsers find this site, without a slash at the end
 * @property {boolean} secureCookies
 * @property {string} posternUrl where this server finds Postern, without a slash at the end
 * @property {string} issuer what assertions must name as their issuer: Postern's public URL
 * @property {string} tenantId
 * @property {string} apiKey scopes LOGIN, USERS, READ
 * @property {string} supportApiKey scopes SUPPORT, POLICY, READ
 * @property {string} advisorEmail
 * @property {DemoUser[]} users
 */

/** Thrown when the environment cannot be understood. */
export class ConfigError extends Error {}

/** @param {Record<string, string | undefined>} env @param {string} name */
function required(env, name) {
  const value = env[name]?.trim();
  if (!value) throw new ConfigError(`${name} is not set; start this site with \`postern dev\`, or see README.md for what it needs.`);
  return value;
}

/** @param {string | undefined} text @returns {DemoUser[]} */
function demoUsers(text) {
  if (!text) return [];
  try {
    const users = JSON.parse(text);
    if (Array.isArray(users) && users.every((user) => typeof user?.externalId === 'string' && typeof user?.password === 'string')) {
      return users.map((user) => ({ ...user, kind: user.kind ?? 'EXTERNAL', displayName: user.displayName ?? user.externalId }));
    }
  } catch {
    // falls through to the one sentence below
  }
  throw new ConfigError('DEMO_USERS must be a JSON list of {externalId, password, kind, displayName}.');
}

/** @param {string | undefined} text */
function portNumber(text) {
  const port = Number(text ?? 8081);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new ConfigError(`PORT must be a number from 0 to 65535, not "${text}".`);
  return port;
}

/** @param {string} name @param {string} text */
function baseUrl(name, text) {
  if (!URL.canParse(text)) throw new ConfigError(`${name} must be a web address, not "${text}".`);
  return text.replace(/\/+$/, '');
}

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Config}
 */
export function readConfig(env) {
  const port = portNumber(env.PORT);
  const posternUrl = baseUrl('POSTERN_URL', env.POSTERN_URL ?? 'http://localhost:8080');
  const siteUrl = baseUrl('SITE_URL', env.SITE_URL ?? `http://localhost:${port}`);
  return {
    port,
    hosts: (env.HOST ?? '127.0.0.1,::1').split(',').map((host) => host.trim()).filter(Boolean),
    siteUrl,
    secureCookies: siteUrl.startsWith('https:'),
    posternUrl,
    issuer: env.POSTERN_ISSUER ?? posternUrl,
    tenantId: required(env, 'POSTERN_TENANT_ID'),
    apiKey: required(env, 'POSTERN_API_KEY'),
    supportApiKey: required(env, 'POSTERN_SUPPORT_API_KEY'),
    advisorEmail: required(env, 'DEMO_ADVISOR_EMAIL'),
    users: demoUsers(env.DEMO_USERS),
  };
}
