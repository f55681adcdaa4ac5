// What a verdict says to a person: of each broken invariant the smallest story.

const LINES = 20;

/** Whether a run came to no verdict: the driver could not play it to its end, and no invariant was seen broken. */
export const isUndecided = ({ violations }) => violations.length > 0 && violations.every(({ invariant }) => invariant === "the driver");

export function describe({ seed, violations }) {
  if (violations.length === 0) return "held";
  const found = smallest(violations).map(({ invariant, words, story, times }) =>
    [`  ${invariant}: ${words}${times > 1 ? ` (and ${times - 1} more)` : ""}`, ...story.slice(0, LINES).map((line) => `      ${line}`)].join("\n"));
  return `BROKEN\n${found.join("\n")}\n  replay: make chaos AGAIN=1 SEEDS=${seed}`;
}

/** Of each invariant the violation that takes the fewest calls to tell. */
export function smallest(violations) {
  const least = new Map();
  for (const one of violations) {
    const other = least.get(one.invariant);
    const times = (other?.times ?? 0) + 1;
    least.set(one.invariant, { ...(!other || one.story.length < other.story.length ? one : other), times });
  }
  return [...least.values()];
}
