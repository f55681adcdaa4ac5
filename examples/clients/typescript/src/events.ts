/** Server-sent events by fetch, after graphql-sse's "distinct connections": one request, one subscription. */
import { type GraphqlAnswer, contextOf, dataOf, readAnswer } from './answers.js';
import { PosternError } from './errors.js';
import { Limit } from './limit.js';
import { backOff } from './retry.js';

/** How long nothing may come: Postern says a word every twelve seconds. */
const SILENCE = 40_000;
/** More than any state that could be told. */
const LONGEST_EVENT = 4 * 1024 * 1024;

interface Source {
  open: (accept: string, until: AbortSignal) => Promise<Response>;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: () => number;
  signal?: AbortSignal;
}

/** One event. */
interface Told {
  event: string;
  data: string;
}

/** The data of each event, over as many connections as it takes. */
export async function* events<TData>(source: Source): AsyncGenerator<TData, void, undefined> {
  for (let failures = 0; !source.signal?.aborted; ) {
    const silence = new Limit(SILENCE, source.signal);
    try {
      const response = await source.open('text/event-stream', silence.signal);
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) await silence.hold(readAnswer(response));
      for await (const { event, data } of read(response, silence)) {
        if (event === 'complete') return;
        if (event === 'next') yield dataOf(JSON.parse(data) as GraphqlAnswer, contextOf(response)) as TData;
        failures = 0;
      }
    } catch (error) {
      if (source.signal?.aborted) return;
      if (!passes(error)) throw error;
    } finally {
      silence.close();
    }
    failures += 1;
    await source.sleep(backOff(failures, source.random()), source.signal);
  }
}

/** A connection that could not be made, or broke; and a server that is about to stop. */
function passes(error: unknown): boolean {
  if (!(error instanceof PosternError)) return !(error instanceof SyntaxError);
  return error.code === 'UNREACHABLE' || error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED';
}

/** The events of a body, in the format of the HTML standard, as far as it is used here. */
async function* read(response: Response, silence: Limit): AsyncGenerator<Told, void, undefined> {
  let text = '';
  for await (const chunk of chunks(response, silence)) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    if (text.length > LONGEST_EVENT) throw new PosternError('An event has no end', { code: 'MALFORMED' });
    for (const block of blocks) {
      const told = parse(block);
      if (told.event) yield told;
    }
  }
}

/** The text of a body as it comes; whoever stops listening ends the connection. */
async function* chunks(response: Response, silence: Limit): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const part = await silence.hold(reader?.read() ?? NOTHING);
      if (part.done) return;
      silence.restart();
      yield decoder.decode(part.value as Uint8Array, { stream: true });
    }
  } finally {
    // Not waited for: a peer that does not answer must not hold the caller.
    reader?.cancel().catch(() => {});
  }
}

const NOTHING = Promise.resolve({ done: true, value: undefined } as const);

function parse(block: string): Told {
  const told: Told = { event: '', data: '' };
  for (const line of block.split('\n')) {
    const [name, value = ''] = split(line);
    if (name === 'event') told.event = value;
    if (name === 'data') told.data += value;
  }
  return told;
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
