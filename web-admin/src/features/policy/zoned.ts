/** Days in the tenant's time zone, as date fields show them, and the moments that they begin. */

const DAY_MS = 86_400_000;

function partsAt(at: Date, timeZone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/** `2026-03-01`. */
export function dayOf(at: string, timeZone: string): string {
  const { year, month, day } = partsAt(new Date(at), timeZone);
  return `${year}-${month}-${day}`;
}

/** `00:00`, or whatever the clock on that wall shows. */
export function timeOf(at: string, timeZone: string): string {
  const { hour, minute } = partsAt(new Date(at), timeZone);
  return `${hour}:${minute}`;
}

function offsetMs(at: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsAt(new Date(at), timeZone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

/** The moment at which a clock in that zone shows this; a time that a clock put forward leaves out is the next one there is. */
export function momentOf(day: string, timeZone: string, time = "00:00"): string {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  const guess = wanted - offsetMs(wanted, timeZone);
  const exact = wanted - offsetMs(guess, timeZone);
  return new Date(exact).toISOString().replace(".000Z", "Z");
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}
