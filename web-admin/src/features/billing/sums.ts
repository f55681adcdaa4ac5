/** Usage added up for people. */

import type { BillingQuery } from "~/gql/generated/billing";
import type { MessageChannel } from "~/gql/generated/schema";

export type Point = BillingQuery["tenant"]["usage"][number];

const DAY_MS = 86_400_000;

/** Units by day and channel, days without any included. */
export function byChannel(points: readonly Point[], channels: readonly MessageChannel[]): { day: string; parts: number[] }[] {
  const times = points.map((point) => new Date(point.at).getTime());
  if (times.length === 0) return [];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const days = Array.from({ length: Math.round((last - first) / DAY_MS) + 1 }, (_, index) => first + index * DAY_MS);
  const units = (at: number, channel: MessageChannel) =>
    points.filter((point) => point.channel === channel && new Date(point.at).getTime() === at).reduce((sum, point) => sum + point.units, 0);
  return days.map((at) => ({ day: new Date(at).toISOString(), parts: channels.map((channel) => units(at, channel)) }));
}

/** One row for each channel and country, the dearest first. Amounts are decimals with six digits at most. */
export function byPlace(points: readonly Point[]): Point[] {
  const sums = new Map<string, Point>();
  for (const point of points) {
    const key = `${point.channel} ${point.country}`;
    const earlier = sums.get(key);
    sums.set(key, earlier ? { ...point, units: earlier.units + point.units, amount: { ...point.amount, amount: add(earlier.amount.amount, point.amount.amount) } } : point);
  }
  return [...sums.values()].sort((a, b) => Number(b.amount.amount) - Number(a.amount.amount));
}

const MILLION = 1_000_000;

function add(a: string, b: string): string {
  return (Math.round(Number(a) * MILLION + Number(b) * MILLION) / MILLION).toFixed(6);
}
