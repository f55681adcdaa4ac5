/** Dates, numbers and money as people write them, in the tenant's time zone. */

import { createContext, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";

/** The tenant's clock: a sandbox's may be ahead of the wall clock, by how much is known a moment later. */
export type TenantClock = { timeZone: string; aheadMs: number; known: boolean };

export const ClockContext = createContext<TenantClock>({ timeZone: "UTC", aheadMs: 0, known: false });

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** "5 minutes ago", from two moments. */
export function between(language: string, at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

export function formats(language: string, { timeZone, aheadMs }: Pick<TenantClock, "timeZone" | "aheadMs">) {
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, ...options });
    return (at: string | Date) => format.format(new Date(at));
  };
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const now = () => Date.now() + aheadMs;
  return {
    timeZone,
    now: () => new Date(now()),
    day: dates({ day: "numeric", month: "short", year: "numeric" }),
    shortDay: dates({ day: "numeric", month: "short" }),
    moment: dates({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
    exact: dates({ dateStyle: "full", timeStyle: "long" }),
    ago: (at: string) => between(language, new Date(at).getTime(), now()),
    number: (value: number) => number.format(value),
    percent: (value: number) => percent.format(value),
    money: (amount: string, currency: string, exact = false) =>
      new Intl.NumberFormat(language, { style: "currency", currency, ...(exact ? { maximumFractionDigits: 6 } : {}) }).format(Number(amount)),
    country: (code: string) => new Intl.DisplayNames(language, { type: "region" }).of(code) ?? code,
    seconds: (value: number) => duration(language, value),
  };
}

function duration(language: string, seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size && seconds % size === 0) ?? ["second", 1];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

export type Formats = ReturnType<typeof formats>;

export function useFormats(): Formats {
  const clock = useContext(ClockContext);
  const { i18n } = useTranslation();
  return useMemo(() => formats(i18n.language, clock), [i18n.language, clock]);
}
