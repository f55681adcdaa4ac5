import { describe, expect, it } from "vitest";
import { safeReturn } from "~/features/session/session";
import { IDLE_MS, lastOf, presenceAfter } from "~/shell/presence";
import * as search from "~/search";

describe("a sign-in leads back", () => {
  it("to a page of a tenant", () => {
    for (const back of ["/t/firm/users?search=ann", "/t/firm", "/t/my-firm-1/policy/rollout"]) expect(safeReturn(back)).toBe(back);
  });

  it("and to nothing else", () => {
    for (const back of [undefined, "", "https://evil.example", "//evil.example", "/\\evil.example", "/t/firm\\..\\..", "javascript:alert(1)", "/sign-in", "/t/UPPER", "/t/a"]) {
      expect(safeReturn(back), String(back)).toBeUndefined();
    }
  });
});

describe("somebody who left", () => {
  it("is asked nothing in their name, and signed out after a quarter of an hour", () => {
    expect(presenceAfter(0)).toBe("watched");
    expect(presenceAfter(11 * 60_000)).toBe("left");
    expect(presenceAfter(IDLE_MS - 1)).toBe("left");
    expect(presenceAfter(IDLE_MS)).toBe("gone");
  });
});

describe("somebody at another tab", () => {
  it("is there for this one too", () => {
    expect(lastOf(1_000, "5000")).toBe(5_000);
    expect(lastOf(9_000, "5000")).toBe(9_000);
    expect([lastOf(7, null), lastOf(7, "nonsense")]).toEqual([7, 7]);
  });
});

describe("addresses", () => {
  it("hold known words alone", () => {
    expect(search.users({ kind: "EXTERNAL", enrollment: "nonsense", search: 42, status: ["LOCKED"] }))
      .toEqual({ kind: "EXTERNAL", enrollment: undefined, search: "42", status: undefined, after: undefined });
    expect(search.overview({ days: "90" })).toEqual({ days: 90 });
    expect(search.overview({ days: 31 })).toEqual({ days: undefined });
    expect(search.signIn({ back: "/t/firm", why: "because" })).toEqual({ back: "/t/firm", why: undefined });
  });
});
