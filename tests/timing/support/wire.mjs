// What a server says to PostgreSQL (frontend messages, PostgreSQL's documentation §55.7), counted.

/** Messages that end a round trip: Sync, and Query. */
const ROUND_TRIPS = ["S", "Q"];
const EXECUTE = "E";

/** The types of the messages in a stream that comes in pieces. */
class Reader {
  #rest = Buffer.alloc(0);

  *read(data) {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      // The first message of a connection has no type, and begins with the zeros of its length.
      const head = this.#rest[0] === 0 ? 0 : 1;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < length) return;
      if (head) yield String.fromCharCode(this.#rest[0]);
      this.#rest = this.#rest.subarray(length);
    }
  }
}

/** Counts what is said on a road. */
export class Wire {
  #readers = new WeakMap();

  constructor(road) {
    road.overhears = (connection, data) => this.#hear(connection, data);
    this.reset();
  }

  reset() {
    [this.roundTrips, this.executed] = [0, 0];
  }

  #hear(connection, data) {
    if (!this.#readers.has(connection)) this.#readers.set(connection, new Reader());
    for (const type of this.#readers.get(connection).read(data)) {
      this.roundTrips += ROUND_TRIPS.includes(type);
      this.executed += type === EXECUTE;
    }
  }

  /** What a deed asks of the database, the least of some times: what goes on by itself may come in between. */
  async least(deed, times = 6) {
    const seen = [];
    for (let time = 0; time < times; time += 1) {
      this.reset();
      await deed();
      seen.push([this.roundTrips, this.executed]);
    }
    return seen.sort(([one], [other]) => one - other)[0];
  }
}
