import { describe, expect, it } from "vitest";
import { byChannel, byPlace, type Point } from "~/features/billing/sums";
import { summarize, type Count } from "~/features/overview/summary";
import { spoken } from "~/features/users/CodeGiven";
import { browserOf } from "~/features/users/browser";
import { ceiling } from "~/ui/charts/Days";

const count = (day: string, outcome: Count["outcome"], completedWith: Count["completedWith"], logins: number, completed: number): Count =>
  ({ day, outcome, completedWith, logins, completed });

describe("the overview's numbers", () => {
  const days = ["2027-03-01", "2027-03-02"];

  it("add up what was decided and completed", () => {
    const summary = summarize([
      count("2027-03-01", "ALLOW", null, 6, 6), count("2027-03-01", "CHALLENGE", "SMS", 2, 2), count("2027-03-02", "CHALLENGE", null, 1, 0),
      count("2027-03-02", "ENROLL", "ENROLLED", 1, 1), count("2027-03-02", "DENY", null, 2, 0),
    ], days);
    expect(summary).toMatchObject({ logins: 12, denied: 2, challengeRate: 0.25, conversion: 0.75 });
    expect(summary.days.map((day) => day.parts)).toEqual([[6, 2, 0, 0], [0, 1, 1, 2]]);
    expect(summary.mix).toEqual([{ with: "SMS", logins: 2 }, { with: "ENROLLED", logins: 1 }]);
  });

  it("are nothing where there was nothing", () => {
    expect(summarize([], days)).toMatchObject({ logins: 0, challengeRate: 0, conversion: 0, mix: [] });
  });

  it("stand under a round number", () => {
    const tops = [0, 4, 5, 9, 11, 21, 99, 1_234].map(ceiling);
    expect(tops).toEqual([4, 4, 6, 10, 12, 30, 100, 1_600]);
    expect(tops.filter((top) => top % 2 !== 0)).toEqual([]);
  });
});

describe("usage", () => {
  const point = (at: string, channel: Point["channel"], country: string | null, units: number, amount: string): Point => ({ at, channel, country, units, amount: { amount, currency: "USD" } });
  const points = [point("2027-03-01T00:00:00Z", "SMS", "US", 3, "0.0237"), point("2027-03-03T00:00:00Z", "SMS", "US", 1, "0.0079"), point("2027-03-01T00:00:00Z", "EMAIL", null, 5, "0.000500")];

  it("is drawn by day, days without it included", () => {
    expect(byChannel(points, ["SMS", "EMAIL"]).map((day) => day.parts)).toEqual([[3, 5], [0, 0], [1, 0]]);
    expect(byChannel([], ["SMS"])).toEqual([]);
  });

  it("is added up exactly by channel and country", () => {
    expect(byPlace(points).map((row) => [row.channel, row.units, row.amount.amount])).toEqual([["SMS", 4, "0.031600"], ["EMAIL", 5, "0.000500"]]);
  });
});

describe("what is read out", () => {
  it("comes in groups", () => {
    expect(spoken("ABCDE23456")).toBe("ABCDE-23456");
    expect(spoken("ABCDE-23456")).toBe("ABCDE-23456");
  });
});

describe("a browser", () => {
  it("is told by its name for itself", () => {
    expect(browserOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0")).toBe("Edge · Windows");
    expect(browserOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1")).toBe("Safari · iPhone");
    expect(browserOf("curl/8.0")).toBe("curl/8.0");
    expect(browserOf(null)).toBeUndefined();
  });
});
