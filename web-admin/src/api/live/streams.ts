/** Where no WebSocket gets through: a stream of server-sent events for each subscription, by POST, as the
 * server's credential wants it (an EventSource can set no header). graphql-sse, "distinct connections". */

import { placeOf, send } from "../client";
import { faultOf, type WireError } from "../faults";
import type { Carrier, Events, Request } from "./carrier";

/** A browser has six connections to a server; the page needs some for its questions. */
export const MOST_STREAMS = 2;

const HEADERS = { "content-type": "application/json", accept: "text/event-stream", "x-postern-csrf": "1" };

export function openStreams(scope: string, events: Events): Carrier {
  const running = new Map<string, AbortController>();
  let closed = false;
  const close = () => {
    closed = true;
    running.forEach((stream) => stream.abort());
    running.clear();
  };
  const lost = (final: boolean) => {
    if (closed) return;
    close();
    events.closed(final);
  };
  queueMicrotask(() => { if (!closed) events.ready(); });
  return {
    begin: (id, request) => {
      if (running.size >= MOST_STREAMS) return;
      const stream = new AbortController();
      running.set(id, stream);
      void follow(id, scope, request, stream.signal, events).then((end) => {
        if (running.get(id) !== stream) return;
        running.delete(id);
        if (end !== "over") lost(end === "refused");
      });
    },
    end: (id) => {
      running.get(id)?.abort();
      running.delete(id);
    },
    close,
  };
}

type End = "over" | "refused" | "lost";

/** Reads one stream to its end. One that just ends is to be begun anew. */
async function follow(id: string, scope: string, request: Request, signal: AbortSignal, events: Events): Promise<End> {
  try {
    const response = await send("/graphql", { method: "POST", body: JSON.stringify(request), headers: { ...HEADERS, ...placeOf(scope) }, signal });
    if (response.status === 401 || response.status === 403) return "refused";
    if (!response.ok || !response.body) return "lost";
    events.holds();
    for await (const event of eventsOf(response.body)) {
      if (signal.aborted) return "lost";
      if (event.name === "complete") {
        events.over(id);
        return "over";
      }
      if (event.name === "next") tell(id, JSON.parse(event.data) as Told, events);
    }
    return "lost";
  } catch {
    return "lost";
  }
}

type Told = { data?: unknown; errors?: WireError[] };

function tell(id: string, { data, errors }: Told, events: Events): void {
  if (errors?.length) events.failed(id, faultOf(errors[0]));
  else events.told(id, data);
}

export type ServerEvent = { name: string; data: string };

/** The events of a stream, however it was cut into pieces on its way. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      text += decoder.decode(piece.value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      yield* blocks.map(eventOf).filter((event) => event !== undefined);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Nothing of a comment, which only shows a proxy that the connection is in use. */
function eventOf(block: string): ServerEvent | undefined {
  const field = (name: string) => block.split("\n").filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
  const [name] = field("event");
  return name === undefined ? undefined : { name, data: field("data").join("\n") };
}
