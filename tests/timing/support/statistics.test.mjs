import assert from "node:assert/strict";
import { test } from "node:test";

import { chance } from "../../races/support/torn.mjs";
import { median, ratioOfMedians, shuffled } from "./statistics.mjs";

test("the median is in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test("shuffling keeps what there is, and every place is as likely", () => {
  const random = chance(7);
  const places = [0, 0, 0];
  for (let round = 0; round < 3_000; round += 1) {
    const mixed = shuffled(["a", "b", "c"], random);
    assert.deepEqual([...mixed].sort(), ["a", "b", "c"]);
    places[mixed.indexOf("a")] += 1;
  }
  for (const times of places) assert.ok(Math.abs(times - 1_000) < 120, places.join());
});

test("a difference of two in a hundred is seen, and none is not", () => {
  const random = chance(11);
  const noisy = (middle) => Array.from({ length: 4_000 }, () => middle * (0.8 + 0.4 * random() + (random() < 0.02 ? 5 : 0)));
  const [base, same, slower] = [noisy(10), noisy(10), noisy(10.4)];
  const equal = ratioOfMedians(same, base, { random });
  assert.ok(equal.from < 1 && equal.to > 1 && Math.abs(equal.ratio - 1) < 0.02, JSON.stringify(equal));
  const unequal = ratioOfMedians(slower, base, { random });
  assert.ok(unequal.from > 1.02, JSON.stringify(unequal));
});
