// Decimal numbers as text, exactly.

/** Units times an amount of minor units, rounded half up to a whole one. */
export function amount(units, decimal) {
  const [digits, fraction = ""] = decimal.split(".");
  const scale = 10n ** BigInt(fraction.length);
  const exact = BigInt(units) * BigInt(digits + fraction);
  const doubled = exact * 2n + scale;
  const below = doubled / (scale * 2n);
  const isBelow = doubled < 0n && doubled % (scale * 2n) !== 0n;
  return Number(isBelow ? below - 1n : below);
}
