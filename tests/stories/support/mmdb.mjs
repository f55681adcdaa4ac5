// Writes address databases in MaxMind's format (https://maxmind.github.io/MaxMind-DB), from its
// specification alone: what the server reads, checked by a writer that shares nothing with it.

const RECORD_BITS = 24;
const SEPARATOR = Buffer.alloc(16);
const MARK = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from("MaxMind.com")]);
const TYPES = { string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 };

/** The control byte or bytes before a value of a type and a size. */
function control(type, size) {
  const extended = type > 7 ? [type - 7] : [];
  const first = (type > 7 ? 0 : type) << 5;
  if (size < 29) return Buffer.from([first | size, ...extended]);
  if (size < 29 + 256) return Buffer.from([first | 29, ...extended, size - 29]);
  throw new Error("larger than what the tests need");
}

/** An unsigned number, in as many bytes as it takes. */
function unsigned(type, number) {
  const hex = number === 0 ? "" : number.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return Buffer.concat([control(type, bytes.length), bytes]);
}

function double(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return Buffer.concat([control(TYPES.double, 8), bytes]);
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([control(TYPES.string, bytes.length), bytes]);
}

/** A value of the data section; whole numbers are unsigned, others doubles. */
function encode(value) {
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return control(TYPES.boolean, Number(value));
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? unsigned(TYPES.uint32, value) : double(value);
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return Buffer.concat([control(TYPES.array, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(TYPES.map, entries.length), ...entries.flatMap(([key, one]) => [text(key), encode(one)])]);
}

/** The bits of a network's prefix, as many as it is long. */
function prefix(network) {
  const [address, length] = network.split("/");
  const family = address.includes(":") ? 6 : 4;
  const bits = family === 4 ? octets(address, ".", 10, 8) : octets(full(address), ":", 16, 16);
  return { family, bits: bits.slice(0, Number(length)) };
}

const octets = (address, separator, base, width) =>
  address.split(separator).map((part) => parseInt(part, base).toString(2).padStart(width, "0")).join("");

/** An IPv6 address with all of its eight parts. */
function full(address) {
  const [head, tail = []] = address.split("::").map((half) => half.split(":").filter(Boolean));
  return [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail].join(":");
}

/** The tree as a list of nodes, each with a left and a right: a node, a `{ data }`, or null. */
function plant(networks) {
  const nodes = [[null, null]];
  for (const [bits, data] of networks) {
    let node = nodes[0];
    for (const bit of bits.slice(0, -1)) {
      node[bit] ??= nodes[nodes.push([null, null]) - 1];
      node = node[bit];
    }
    node[bits.at(-1)] = { data };
  }
  return nodes;
}

/** A database of networks of one family, by their records: `{ "192.0.2.0/24": { … } }`. */
export function mmdb(type, records) {
  const networks = Object.entries(records).map(([network, record]) => [prefix(network), encode(record)]);
  const families = new Set(networks.map(([{ family }]) => family));
  if (families.size !== 1) throw new Error("one family a file");
  const nodes = plant(networks.map(([{ bits }, data]) => [bits, data]));
  const data = [];
  let length = 0;
  const record = (side) => {
    if (side === null) return nodes.length;
    if (Array.isArray(side)) return nodes.indexOf(side);
    data.push(side.data);
    length += side.data.length;
    return nodes.length + SEPARATOR.length + length - side.data.length;
  };
  const tree = Buffer.alloc((nodes.length * RECORD_BITS) / 4);
  nodes.flat().forEach((side, at) => tree.writeUIntBE(record(side), at * 3, 3));
  return Buffer.concat([tree, SEPARATOR, ...data, MARK, metadata(type, [...families][0], nodes.length)]);
}

const metadata = (type, family, nodes) =>
  encode({
    binary_format_major_version: unsigned(TYPES.uint16, 2),
    binary_format_minor_version: unsigned(TYPES.uint16, 0),
    build_epoch: unsigned(TYPES.uint64, Math.floor(Date.now() / 1000)),
    database_type: type,
    description: { en: "Written for a test" },
    ip_version: unsigned(TYPES.uint16, family),
    languages: ["en"],
    node_count: nodes,
    record_size: unsigned(TYPES.uint16, RECORD_BITS),
  });
