/** Server-sent events by fetch, after graphql-sse's "distinct connections": one request, one subscription. */
import { type GraphqlAnswer, contextOf, dataOf, readAnswer } from './answers.js';
import { PosternError } from './errors.js';
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
    const line = new Line(source.signal);
    try {
      const response = await source.open('text/event-stream', line.until);
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) await readAnswer(response);
      for await (const { event, data } of line.read(response)) {
        if (event === 'complete') return;
        if (event === 'next') yield dataOf(JSON.parse(data) as GraphqlAnswer, contextOf(response)) as TData;
        failures = 0;
      }
    } catch (error) {
      if (source.signal?.aborted) return;
      if (!passes(error)) throw error;
    } finally {
      line.close();
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

/** One connection. */
class Line {
  readonly #silence = new AbortController();
  readonly until: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal?: AbortSignal) {
    this.until = signal ? AbortSignal.any([this.#silence.signal, signal]) : this.#silence.signal;
    this.#heard();
  }

  /** The events of a body, in the format of the HTML standard, as far as it is used here. */
  async *read(response: Response): AsyncGenerator<Told, void, undefined> {
    let text = '';
    const chunks = response.body?.pipeThrough(new TextDecoderStream());
    for await (const chunk of chunks ?? []) {
      this.#heard();
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      if (text.length > LONGEST_EVENT) throw new PosternError('An event has no end', { code: 'MALFORMED' });
      for (const block of blocks) {
        const told = parse(block);
        if (told.event) yield told;
      }
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#silence.abort();
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silence.abort(), SILENCE);
  }
}

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
