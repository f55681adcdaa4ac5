/** What a page listens to of one place, for as long as somebody is there.
 *
 * A WebSocket carries all of it. Two that do not come about in a row, and the next attempt is by streams of
 * server-sent events, then by WebSocket again: each attempt waits longer than the one before. Whoever cannot
 * listen is told so by [`state`], and asks now and then instead. What is told is a state and no log: after a
 * gap the server begins with what is, so that nothing is missed. */

import type { Fault } from "../faults";
import type { Carrier, Opening, Request } from "./carrier";
import { pauseAfter } from "./pauses";

/** `streams`: only the first few listen. `away`: nobody does. */
export type LineState = "socket" | "streams" | "away";

export type Listener = { request: Request; told: (data: never) => void; failed?: (fault: Fault) => void };

export type Ways = { socket: Opening; streams: Opening; chance: () => number };

/** What holds for less is counted as another failure: a server that lets one in and closes at once is not asked each second. */
const HOLDS_MS = 10_000;
/** So many sockets in a row must fail before the streams are tried. */
const SOCKETS = 2;
/** The keyboard moves from page to page: a line is not hung up between two of them. */
const LINGER_MS = 2_000;

export class Line {
  #listeners = new Map<string, Listener>();
  #watchers = new Set<() => void>();
  #carrier: Carrier | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: LineState = "away";
  #awake = true;
  #refused = false;
  #failures = 0;
  #wayFailures = 0;
  #way: "socket" | "streams" = "socket";
  #heldSince: number | undefined;
  #names = 0;

  constructor(private readonly scope: string, private readonly ways: Ways) {}

  get state(): LineState {
    return this.#state;
  }

  /** Calls whenever the state changes; gives back how to stop that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Listens; gives back how to stop. */
  listen(listener: Listener): () => void {
    const id = String(++this.#names);
    this.#listeners.set(id, listener);
    if (this.#state !== "away") this.#carrier?.begin(id, listener.request);
    else this.#open();
    return () => {
      if (!this.#listeners.delete(id)) return;
      if (this.#state !== "away") this.#carrier?.end(id);
      if (this.#listeners.size === 0) this.#after(LINGER_MS, () => this.#settle());
    };
  }

  /** While nobody is there nothing is listened to: an open line must not keep a session alive. */
  attend(awake: boolean): void {
    if (awake === this.#awake) return;
    this.#awake = awake;
    if (awake) this.#open();
    else this.#hangUp();
  }

  #settle(): void {
    if (this.#listeners.size === 0) this.#hangUp();
    else this.#open();
  }

  #open(): void {
    const waits = this.#timer !== undefined && this.#failures > 0;
    if (this.#carrier || waits || !this.#awake || this.#refused || this.#listeners.size === 0) return;
    this.#clear();
    this.#carrier = this.ways[this.#way](this.scope, {
      ready: () => this.#ready(),
      holds: () => { this.#heldSince ??= Date.now(); },
      told: (id, data) => this.#listeners.get(id)?.told(data as never),
      failed: (id, fault) => { this.#listeners.get(id)?.failed?.(fault); this.#listeners.delete(id); },
      over: (id) => this.#listeners.delete(id),
      closed: (final) => this.#closed(final),
    });
  }

  #ready(): void {
    this.#become(this.#way);
    this.#listeners.forEach(({ request }, id) => this.#carrier?.begin(id, request));
  }

  #closed(final: boolean): void {
    const held = this.#heldSince !== undefined && Date.now() - this.#heldSince >= HOLDS_MS;
    this.#heldSince = undefined;
    this.#carrier = undefined;
    this.#refused = final;
    this.#failures = held ? 0 : this.#failures + 1;
    this.#wayFailures = held ? 0 : this.#wayFailures + 1;
    if (this.#wayFailures >= (this.#way === "socket" ? SOCKETS : 1)) {
      this.#way = this.#way === "socket" ? "streams" : "socket";
      this.#wayFailures = 0;
    }
    this.#become("away");
    this.#after(pauseAfter(this.#failures, this.ways.chance()), () => this.#open());
  }

  #hangUp(): void {
    this.#clear();
    this.#carrier?.close();
    this.#carrier = undefined;
    this.#heldSince = undefined;
    this.#become("away");
  }

  #after(ms: number, then: () => void): void {
    this.#clear();
    this.#timer = setTimeout(() => { this.#timer = undefined; then(); }, ms);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #become(state: LineState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#watchers.forEach((watcher) => watcher());
  }
}
