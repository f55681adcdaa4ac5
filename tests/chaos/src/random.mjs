// Everything that is left to chance comes from a seed: the same seed, the same schedule.

/** The generator `sfc32`, by Chris Doty-Humphrey (PractRand): small, quick, and good enough for dice. */
export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  /** @param {string} seed any words; other words are another sequence */
  constructor(seed) {
    this.seed = String(seed);
    [this.#a, this.#b, this.#c] = [1, 2, 3].map((part) => hash(`${this.seed}/${part}`));
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** 32 bits. */
  next() {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A sequence of its own, which does not move when others are asked more or less often. */
  fork(name) {
    return new Random(`${this.seed}/${name}`);
  }

  /** From 0 up to 1, without 1. */
  unit() {
    return this.next() / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least, most) {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  chance(probability) {
    return this.unit() < probability;
  }

  pick(list) {
    return list[Math.floor(this.unit() * list.length)];
  }

  /** One of an object's keys, by the weights that are its values. */
  weighted(weights) {
    let left = this.unit() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name;
    return Object.keys(weights).at(-1);
  }

  shuffled(list) {
    const copy = [...list];
    for (let last = copy.length - 1; last > 0; last -= 1) {
      const other = this.between(0, last);
      [copy[last], copy[other]] = [copy[other], copy[last]];
    }
    return copy;
  }
}

/** FNV-1a, 32 bits. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
