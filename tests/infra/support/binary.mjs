/** What `postern` and its papers say of themselves. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, read } from './chart.mjs';

export const PROGRAM = process.env.POSTERN_BIN ?? join(ROOT, 'target/debug/postern');
const PATIENCE = 20_000;

/** The standard output of `postern …`; fails when it does. */
export function postern(...words) {
  const done = spawnSync(PROGRAM, words, { encoding: 'utf8', timeout: PATIENCE, cwd: '/' });
  if (done.status !== 0) throw new Error(`postern ${words.join(' ')}: ${done.stderr || done.error}`);
  return done.stdout;
}

const known = new Map();

/** Whether `postern WORD …` is a command and takes these flags: asked of its help, once each. */
export function understands(words) {
  const flags = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
  const command = words.slice(0, words.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith('--')) >>> 0);
  for (let length = command.length; length > 0; length--) {
    const name = command.slice(0, length).join(' ');
    if (!known.has(name)) {
      const done = spawnSync(PROGRAM, [...command.slice(0, length), '--help'], { encoding: 'utf8', timeout: PATIENCE, cwd: '/' });
      // A word too many is an argument of the command: its help is printed, and names itself.
      known.set(name, done.status === 0 && done.stdout.includes(`Usage: postern ${name}`) ? done.stdout : null);
    }
    const help = known.get(name);
    if (help) return flags.every((flag) => help.includes(flag)) && (length === command.length || help.includes('Arguments:'));
  }
  return false;
}

/** Every setting's name in the environment, and what the binary's help names besides. */
export function variables() {
  const reference = read('docs/configuration.md').match(/`POSTERN_[A-Z0-9_]+`/g).map((name) => name.slice(1, -1));
  return new Set([...reference, ...(postern('--help').match(/POSTERN_[A-Z0-9_]+/g) ?? [])]);
}

/** The paths of the gateway that are there for whoever watches over it. */
export function isRoute(path) {
  return read('services/edge-http/src/gateway.rs').includes(`.route("${path}"`);
}
