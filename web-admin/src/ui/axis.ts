/** The rollout of an audience as phases on an axis of time: closed, optional, mandatory. */

export type RolloutDates = { readonly enrollmentOpensAt: string | null; readonly mandatoryFrom: string | null };
export type PhaseName = "closed" | "optional" | "mandatory";
export type Phase = { name: PhaseName; from: number; to: number };
export type Axis = { start: number; end: number; phases: Phase[] };

const DAY_MS = 86_400_000;
const time = (at: string | null) => (at === null ? undefined : new Date(at).getTime());

export function phaseAt({ enrollmentOpensAt, mandatoryFrom }: RolloutDates, at: Date): PhaseName {
  const [opens, mandatory] = [time(enrollmentOpensAt), time(mandatoryFrom)];
  if (mandatory !== undefined && at.getTime() >= mandatory) return "mandatory";
  return opens !== undefined && at.getTime() < opens ? "closed" : "optional";
}

/** An axis on which now and every date that is near enough has a place. */
export function axisOf(dates: RolloutDates, now: Date): Axis {
  const [opens, mandatory] = [time(dates.enrollmentOpensAt), time(dates.mandatoryFrom)];
  const year = 366 * DAY_MS;
  const near = [opens, mandatory].filter((at) => at !== undefined).filter((at) => Math.abs(at - now.getTime()) < 2 * year);
  const first = Math.min(now.getTime(), ...near);
  const last = Math.max(now.getTime(), ...near);
  const margin = Math.max(14 * DAY_MS, (last - first) * 0.3);
  const [start, end] = [first - margin, last + margin];
  const within = (at: number) => Math.min(end, Math.max(start, at));
  const open = within(opens ?? start);
  const must = within(mandatory ?? end);
  const phases: Phase[] = [
    { name: "closed", from: start, to: Math.min(open, must) },
    { name: "optional", from: Math.min(open, must), to: must },
    { name: "mandatory", from: must, to: end },
  ];
  return { start, end, phases: phases.filter((phase) => phase.to > phase.from) };
}

/** Where something lies on the axis, 0 to 1. */
export const shareOf = ({ start, end }: Pick<Axis, "start" | "end">, at: number) => (at - start) / (end - start);
