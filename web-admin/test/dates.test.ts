import { describe, expect, it } from "vitest";
import { daysBetween } from "~/features/overview/summary";
import { addDays, dayOf, momentOf, timeOf } from "~/features/policy/zoned";
import { axisOf, phaseAt, shareOf } from "~/ui/axis";
import { between, formats } from "~/ui/formats";

const NEW_YORK = "America/New_York";

describe("days of the tenant's time zone", () => {
  it("begin at its midnight, summer and winter", () => {
    expect(momentOf("2027-03-01", NEW_YORK)).toBe("2027-03-01T05:00:00Z");
    expect(momentOf("2027-07-01", NEW_YORK)).toBe("2027-07-01T04:00:00Z");
    expect(momentOf("2027-03-01", "UTC")).toBe("2027-03-01T00:00:00Z");
    expect(momentOf("2027-03-01", "Asia/Kolkata", "09:30")).toBe("2027-03-01T04:00:00Z");
  });

  it("come back as they were typed", () => {
    for (const day of ["2027-03-14", "2027-03-15", "2027-11-07", "2028-02-29"]) {
      for (const zone of [NEW_YORK, "Australia/Sydney", "UTC", "Pacific/Apia"]) {
        const moment = momentOf(day, zone);
        expect([dayOf(moment, zone), timeOf(moment, zone)], `${day} ${zone}`).toEqual([day, "00:00"]);
      }
    }
  });

  it("go over the end of a month", () => {
    expect(addDays("2028-02-28", 2)).toBe("2028-03-01");
  });

  it("follow each other without gaps, over a change of the clocks too", () => {
    const days = daysBetween(new Date("2027-03-12T12:00:00Z"), new Date("2027-03-16T12:00:00Z"), NEW_YORK);
    expect(days).toEqual(["2027-03-12", "2027-03-13", "2027-03-14", "2027-03-15", "2027-03-16"]);
  });
});

describe("the rollout's phases", () => {
  const now = new Date("2027-01-10T00:00:00Z");
  const dates = { enrollmentOpensAt: "2027-01-20T00:00:00Z", mandatoryFrom: "2027-03-01T00:00:00Z" };

  it("go from closed over optional to mandatory", () => {
    expect(phaseAt(dates, now)).toBe("closed");
    expect(phaseAt(dates, new Date("2027-01-20T00:00:00Z"))).toBe("optional");
    expect(phaseAt(dates, new Date("2027-03-01T00:00:00Z"))).toBe("mandatory");
    expect(phaseAt({ enrollmentOpensAt: null, mandatoryFrom: null }, now)).toBe("optional");
  });

  it("lie on an axis in their order, today on it", () => {
    const axis = axisOf(dates, now);
    expect(axis.phases.map((phase) => phase.name)).toEqual(["closed", "optional", "mandatory"]);
    expect(axis.phases.map((phase) => phase.to).slice(0, 2)).toEqual(axis.phases.map((phase) => phase.from).slice(1));
    for (const at of [now.getTime(), Date.parse(dates.mandatoryFrom)]) {
      expect(shareOf(axis, at)).toBeGreaterThan(0);
      expect(shareOf(axis, at)).toBeLessThan(1);
    }
  });

  it("leave out what cannot come: mandatory before it opens is mandatory at once", () => {
    const axis = axisOf({ enrollmentOpensAt: "2027-04-01T00:00:00Z", mandatoryFrom: "2027-03-01T00:00:00Z" }, now);
    expect(axis.phases.map((phase) => phase.name)).toEqual(["closed", "mandatory"]);
  });

  it("do not squeeze today aside for a date of long ago", () => {
    const axis = axisOf({ enrollmentOpensAt: null, mandatoryFrom: "1970-01-01T00:00:00Z" }, now);
    expect(axis.phases.map((phase) => phase.name)).toEqual(["mandatory"]);
    expect(axis.end - axis.start).toBeLessThan(90 * 86_400_000);
  });
});

describe("times in words", () => {
  it("say how long ago, in whole units", () => {
    const now = Date.parse("2027-01-10T12:00:00Z");
    expect(between("en", now - 90_000, now)).toBe("1 minute ago");
    expect(between("en", now + 3 * 86_400_000, now)).toBe("in 3 days");
    expect(between("en", now, now)).toBe("now");
  });

  it("are the tenant's", () => {
    expect(formats("en", { timeZone: NEW_YORK, aheadMs: 0 }).day("2027-03-01T03:00:00Z")).toBe("Feb 28, 2027");
  });
});
