/**
 * How long to wait for a request and for its body.
 *
 * Node may collect what `AbortSignal.any` made, and what ties a signal to a body that is being read,
 * before either has been heard; an endless body then has no end. So a limit is a controller of its own
 * with a timer of its own, and whoever waits, waits for the limit as well.
 */
export class Limit {
  readonly #controller = new AbortController();
  readonly #ms: number;
  readonly #caller: AbortSignal | undefined;
  readonly #over: Promise<never>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Ends after `ms` milliseconds, or when the caller's signal says so. */
  constructor(ms: number, caller?: AbortSignal) {
    this.#ms = ms;
    this.#caller = caller;
    this.#over = new Promise((_, reject) => {
      this.signal.addEventListener('abort', () => reject(this.signal.reason as Error), { once: true });
    });
    this.#over.catch(() => {});
    if (caller?.aborted) this.#end();
    else caller?.addEventListener('abort', this.#end);
    this.restart();
  }

  /** For `fetch`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Counts from now. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#end, this.#ms);
  }

  /** What `work` gives, unless the limit comes first: then its reason is thrown. */
  hold<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#over]);
  }

  /** Nothing more is waited for; what is still under way is given up. */
  close(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#end);
    this.#controller.abort();
  }

  readonly #end = (): void => this.#controller.abort(new DOMException('It took too long, or was given up', 'AbortError'));
}
