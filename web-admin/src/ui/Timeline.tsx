/** The rollout drawn; where dates may be changed their edges can be dragged, or moved by the arrow keys. */

import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useFormats } from "./formats";
import { axisOf, phaseAt, shareOf, type Axis, type RolloutDates } from "./axis";
import classes from "./timeline.module.css";

const DAY_MS = 86_400_000;
type Edge = keyof RolloutDates;
type Props = { dates: RolloutDates; now: Date; onMove?: (edge: Edge, at: Date) => void };

export function Timeline({ dates, now, onMove }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const plot = useRef<HTMLDivElement>(null);
  // While an edge is dragged the axis stays, or it would run away under the pointer.
  const [held, setHeld] = useState<Axis>();
  const fresh = axisOf(dates, now);
  const axis = held ? { ...held, phases: axisOf(dates, now).phases } : fresh;
  const scale = held ?? fresh;
  const within = (share: number) => Math.min(1, Math.max(0, share));
  const width = (from: number, to: number) => `${(within(shareOf(scale, to)) - within(shareOf(scale, from))) * 100}%`;
  const dated = (["enrollmentOpensAt", "mandatoryFrom"] as const).flatMap((edge) => {
    const at = dates[edge];
    const share = at === null ? -1 : shareOf(scale, new Date(at).getTime());
    return at !== null && share >= 0 && share <= 1 ? [{ edge, at, share }] : [];
  });
  return (
    <figure className={classes.timeline} aria-label={t("timeline.label")}>
      <div className={classes.plot} ref={plot}>
        <div className={classes.phases} aria-hidden="true">
          {axis.phases.map((phase) => (
            <div key={phase.name} className={classes.phase} data-phase={phase.name} style={{ width: width(phase.from, phase.to) }}>{t(`phase.${phase.name}`)}</div>
          ))}
        </div>
        <div className={classes.now} style={{ left: `${within(shareOf(scale, now.getTime())) * 100}%` }} aria-hidden="true" />
        {onMove && dated.map(({ edge, at, share }) => (
          <Handle key={edge} edge={edge} at={at} share={share} plot={plot} scale={scale} onMove={onMove} onHold={(hold) => setHeld(hold ? fresh : undefined)} />
        ))}
      </div>
      <div className={classes.axis} aria-hidden="true">
        {dated.map(({ edge, at, share }) => (
          <span key={edge} style={{ left: `${share * 100}%` }} data-edge={share < 0.12 ? "left" : share > 0.88 ? "right" : ""}>{formats.day(at)}</span>
        ))}
      </div>
      <figcaption className={classes.caption}>{t(`phase.now.${phaseAt(dates, now)}`)} {sentence(dates, now, formats.day, t)}</figcaption>
    </figure>
  );
}

function sentence({ enrollmentOpensAt, mandatoryFrom }: RolloutDates, now: Date, day: (at: string) => string, t: TFunction): string {
  const ahead = (at: string | null) => at !== null && new Date(at) > now;
  const parts = [
    ahead(enrollmentOpensAt) && t("timeline.opens", { date: day(enrollmentOpensAt ?? "") }),
    ahead(mandatoryFrom) && t("timeline.mandatory", { date: day(mandatoryFrom ?? "") }),
    mandatoryFrom === null && t("timeline.never"),
  ];
  return parts.filter(Boolean).join(" ");
}

type HandleProps = {
  edge: Edge; at: string; share: number; scale: Axis; plot: React.RefObject<HTMLDivElement | null>;
  onMove: (edge: Edge, at: Date) => void; onHold: (hold: boolean) => void;
};

function Handle({ edge, at, share, scale, plot, onMove, onHold }: HandleProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    const box = plot.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const place = Math.min(0.99, Math.max(0.01, (event.clientX - box.left) / box.width));
    const moment = scale.start + place * (scale.end - scale.start);
    // Whole days from where it stood: the time of day stays.
    const days = Math.round((moment - new Date(at).getTime()) / DAY_MS);
    if (days !== 0) onMove(edge, new Date(new Date(at).getTime() + days * DAY_MS));
  };
  const press = (event: KeyboardEvent) => {
    const days = { ArrowLeft: -1, ArrowRight: 1, PageDown: -7, PageUp: 7 }[event.key];
    if (days === undefined) return;
    event.preventDefault();
    onMove(edge, new Date(new Date(at).getTime() + days * DAY_MS));
  };
  return (
    <button type="button" role="slider" className={classes.handle} style={{ left: `${share * 100}%` }} aria-label={t(`timeline.edge.${edge}`)}
      aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} aria-valuetext={formats.day(at)} onKeyDown={press}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); onHold(true); }}
      onPointerMove={drag} onPointerUp={() => onHold(false)} onPointerCancel={() => onHold(false)} />
  );
}
