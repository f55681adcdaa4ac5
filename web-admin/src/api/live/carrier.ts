/** What carries subscriptions: a WebSocket, or a stream of server-sent events for each. */

import type { Fault } from "../faults";

export type Request = { query: string; variables: unknown };

/** What a carrier tells of itself. Nothing more comes after `closed`. */
export type Events = {
  /** Subscriptions may be begun. */
  ready: () => void;
  /** The server has let it in. */
  holds: () => void;
  told: (id: string, data: unknown) => void;
  failed: (id: string, fault: Fault) => void;
  /** A subscription has nothing more to tell. */
  over: (id: string) => void;
  /** `final`: another attempt would end no better. */
  closed: (final: boolean) => void;
};

export type Carrier = {
  begin: (id: string, request: Request) => void;
  end: (id: string) => void;
  close: () => void;
};

export type Opening = (scope: string, events: Events) => Carrier;
