/** Starts the site: reads the environment, listens, and goes quietly when told to. */
import { createServer } from 'node:http';
import { AssertionVerifier, PosternClient } from '@postern/client';
import { createApp } from './src/app.mjs';
import { ConfigError, readConfig } from './src/config.mjs';
import { SessionStore } from './src/sessions.mjs';
import { Directory } from './src/users.mjs';

/** How long open requests may still take after a signal, in milliseconds. */
const GRACE = 5_000;

/** @param {Record<string, unknown>} entry */
const log = (entry) => console.error(JSON.stringify({ at: new Date().toISOString(), service: 'demo-site', ...entry }));

/** @param {string} message @returns {never} */
function giveUp(message) {
  console.error(message);
  process.exit(1);
}

function configuration() {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) giveUp(error.message);
    throw error;
  }
}

/** @param {import('./src/config.mjs').Config} config */
function servicesFor(config) {
  const { posternUrl: url, apiKey, supportApiKey, advisorEmail, issuer, tenantId } = config;
  return {
    config,
    postern: new PosternClient({ url, apiKey }),
    support: new PosternClient({ url, apiKey: supportApiKey }),
    desk: new PosternClient({ url, apiKey: supportApiKey, actor: advisorEmail }),
    assertions: new AssertionVerifier({ posternUrl: url, issuer, tenantId }),
    directory: new Directory(config.users),
    sessions: new SessionStore(),
    log,
  };
}

/** A machine without IPv6 has no ::1; that is no reason not to start. @param {any} error */
const noSuchAddress = (error) => error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';

/**
 * @param {import('node:http').RequestListener} app @param {string} host @param {number} port
 * @returns {Promise<import('node:http').Server | null>} null where the machine has no such address
 */
function listen(app, host, port) {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  return new Promise((resolve) => {
    server.once('error', (/** @type {any} */ error) => {
      if (noSuchAddress(error)) return resolve(null);
      giveUp(error.code === 'EADDRINUSE' ? `Port ${port} is in use: stop what listens there, or set PORT.` : `Cannot listen on ${host}: ${error.message}`);
    });
    server.listen(port, host, () => resolve(server));
  });
}

/** @param {import('node:http').Server[]} servers */
function stopOnSignal(servers) {
  const stop = () => {
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    setTimeout(() => servers.forEach((server) => server.closeAllConnections()), GRACE).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
}

const config = configuration();
const app = createApp(servicesFor(config));
const listening = await Promise.all(config.hosts.map((host) => listen(app, host, config.port)));
const servers = listening.filter((server) => server !== null);
if (servers.length === 0) giveUp(`None of the addresses ${config.hosts.join(', ')} exists on this machine.`);
stopOnSignal(servers);
log({ level: 'info', message: `The demo site is at ${config.siteUrl}` });
