import type { Formats } from "~/ui/formats";
import { addDays, dayOf, momentOf } from "./zoned";

/** The beginning of a day, so many days from the tenant's today. */
export function dateInDays(days: number, { now, timeZone }: Pick<Formats, "now" | "timeZone">): string {
  return momentOf(addDays(dayOf(now().toISOString(), timeZone), days), timeZone);
}
