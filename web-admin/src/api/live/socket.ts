/** One WebSocket for all that a page listens to: graphql-transport-ws, as far as subscriptions need it.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */

import { placeOf } from "../client";
import { faultOf, type WireError } from "../faults";
import type { Carrier, Events } from "./carrier";

const PROTOCOL = "graphql-transport-ws";
/** A proxy may swallow a handshake without a word. */
const READY_WITHIN_MS = 8_000;
/** Why the server closes what would be closed again: docs/integrators.md. */
const FINAL = new Set([4400, 4401, 4403, 4406, 4409, 4429]);

type Message =
  | { type: "connection_ack" } | { type: "ping" } | { type: "pong" } | { type: "complete"; id: string }
  | { type: "next"; id: string; payload: { data?: unknown; errors?: WireError[] } }
  | { type: "error"; id: string; payload: WireError[] };

const addressOf = () => `${window.location.origin.replace(/^http/, "ws")}/graphql`;

export function openSocket(scope: string, events: Events): Carrier {
  const socket = new WebSocket(addressOf(), PROTOCOL);
  const say = (message: object) => socket.send(JSON.stringify(message));
  const late = setTimeout(() => socket.close(), READY_WITHIN_MS);
  socket.onopen = () => say({ type: "connection_init", payload: placeOf(scope) });
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as Message;
    if (message.type === "connection_ack") clearTimeout(late);
    if (message.type === "ping") say({ type: "pong" });
    else hear(message, events);
  };
  socket.onclose = ({ code }) => {
    clearTimeout(late);
    events.closed(FINAL.has(code));
  };
  return {
    begin: (id, payload) => say({ id, type: "subscribe", payload }),
    end: (id) => { if (socket.readyState === WebSocket.OPEN) say({ id, type: "complete" }); },
    close: () => {
      clearTimeout(late);
      socket.onclose = socket.onmessage = null;
      // One that is closed on its way is a fault to browsers, and written into their logs.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close(1000);
      else socket.close(1000);
    },
  };
}

function hear(message: Message, events: Events): void {
  switch (message.type) {
    case "connection_ack":
      events.holds();
      return events.ready();
    case "next": return message.payload.errors?.length
      ? events.failed(message.id, faultOf(message.payload.errors[0]))
      : events.told(message.id, message.payload.data);
    case "error": return events.failed(message.id, faultOf(message.payload[0]));
    case "complete": return events.over(message.id);
  }
}
