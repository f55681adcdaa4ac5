// Medians, and how sure one can be of their ratio.

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The same values in another order (Fisher and Yates). */
export function shuffled(values, random = Math.random) {
  const mixed = [...values];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}

/** The ratio of two medians of pairs, and the interval that holds 95 of 100 whose pairs are drawn anew (percentile bootstrap). */
export function ratioOfMedians(one, other, { resamples = 400, random = Math.random } = {}) {
  const drawn = () => {
    const places = one.map(() => Math.floor(random() * one.length));
    return median(places.map((at) => one[at])) / median(places.map((at) => other[at]));
  };
  const ratios = Array.from({ length: resamples }, drawn).sort((a, b) => a - b);
  return { ratio: median(one) / median(other), from: ratios[Math.floor(resamples * 0.025)], to: ratios[Math.ceil(resamples * 0.975) - 1] };
}
