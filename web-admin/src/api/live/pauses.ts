const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/** How long to wait after so many failures in a row: twice as long each time, and never the same for everybody,
 * since a server that comes back is found by all who lost it. `chance` is from 0 to 1. */
export function pauseAfter(failures: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return longest * (0.5 + chance / 2);
}
