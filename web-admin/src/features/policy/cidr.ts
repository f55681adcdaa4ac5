/** Whether an address is in a network. */

function bytesOfV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

/** The groups of a half around `::`; an embedded IPv4 address counts as two. */
function groupsOf(half: string): number[] | undefined {
  if (half === "") return [];
  const groups: number[] = [];
  for (const part of half.split(":")) {
    const v4 = part.includes(".") ? bytesOfV4(part) : undefined;
    if (v4) groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function bytesOfV6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<number>(Math.max(0, missing)).fill(0), ...(tail ?? [])].flatMap((group) => [group >> 8, group & 255]);
}

/** 4 or 16 bytes; an IPv4 address in IPv6 clothes is an IPv4 address. */
export function bytesOf(address: string): number[] | undefined {
  const text = address.trim();
  const bytes = text.includes(":") ? bytesOfV6(text) : bytesOfV4(text);
  const mapped = bytes?.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

export function isIn(address: string, cidr: string): boolean {
  const [network = "", length] = cidr.split("/");
  const [of, within] = [bytesOf(address), bytesOf(network)];
  if (!of || !within || of.length !== within.length) return false;
  const bits = length === undefined ? of.length * 8 : Number(length);
  return of.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - kept)) & 0xff;
    return (byte & mask) === ((within[index] ?? 0) & mask);
  });
}
