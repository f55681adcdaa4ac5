// An open loop: requests begin at a fixed rate, whatever becomes of those before, so that a stall is seen.

import { setTimeout as sleep } from "node:timers/promises";

/** A request that was answered, or was not; when it began and ended, in milliseconds of this process. */
export class Load {
  answered = [];
  failed = [];
  #going = new Set();
  #stopped = false;

  /** `request(number)` at so many a second. */
  constructor(rate, request) {
    this.finished = this.#run(1000 / rate, request);
  }

  async #run(pause, request) {
    const begun = performance.now();
    for (let number = 0; !this.#stopped; number += 1) {
      const wait = begun + number * pause - performance.now();
      if (wait > 0) await sleep(wait);
      const one = this.#one(number, request);
      this.#going.add(one);
      one.finally(() => this.#going.delete(one));
    }
    await Promise.all(this.#going);
  }

  async #one(number, request) {
    const began = performance.now();
    try {
      this.answered.push({ number, began, answer: await request(number), ended: performance.now() });
    } catch (error) {
      this.failed.push({ number, began, ended: performance.now(), why: error.cause?.message ?? error.message });
    }
  }

  /** Begins no more, waits for what is under way. */
  async stop() {
    this.#stopped = true;
    await this.finished;
    return this;
  }

  get told() {
    return `${this.failed.length} of ${this.failed.length + this.answered.length} failed: ${JSON.stringify(this.failed.slice(0, 5))}`;
  }
}
