/** What the counts of logins say, in the numbers that the overview shows. */

import type { OverviewQuery } from "~/gql/generated/overview";
import type { Completion, LoginOutcome } from "~/gql/generated/schema";

export type Count = OverviewQuery["tenant"]["loginCounts"][number];

const OUTCOMES: readonly LoginOutcome[] = ["ALLOW", "CHALLENGE", "ENROLL", "DENY"];

export type Summary = {
  logins: number;
  /** Of all logins, how many were asked for a second factor. */
  challengeRate: number;
  /** Of those that were asked something, how many came to their end. */
  conversion: number;
  denied: number;
  days: { day: string; parts: number[] }[];
  mix: { with: Completion; logins: number }[];
};

/** The days from the first to the last, as `2026-03-01`, without gaps. */
export function daysBetween(from: Date, to: Date, timeZone: string): string[] {
  const name = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const days: string[] = [];
  // By half days: where a clock is put forward or back, none is passed over.
  for (let at = from.getTime(); at <= to.getTime(); at += 43_200_000) {
    const day = name.format(at);
    if (days.at(-1) !== day) days.push(day);
  }
  return days;
}

export function summarize(counts: readonly Count[], days: readonly string[]): Summary {
  const sum = (wanted: (count: Count) => boolean, of: "logins" | "completed" = "logins") =>
    counts.filter(wanted).reduce((total, count) => total + count[of], 0);
  const logins = sum(() => true);
  const asked = (count: Count) => count.outcome === "CHALLENGE" || count.outcome === "ENROLL";
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const ways = [...new Set(counts.map((count) => count.completedWith))].filter((way) => way !== null);
  return {
    logins,
    challengeRate: ratio(sum((count) => count.outcome === "CHALLENGE"), logins),
    conversion: ratio(sum(asked, "completed"), sum(asked)),
    denied: sum((count) => count.outcome === "DENY"),
    days: days.map((day) => ({
      day, parts: OUTCOMES.map((outcome) => sum((count) => count.day === day && count.outcome === outcome)),
    })),
    mix: ways.map((way) => ({ with: way, logins: sum((count) => count.completedWith === way) })).sort((a, b) => b.logins - a.logins),
  };
}
