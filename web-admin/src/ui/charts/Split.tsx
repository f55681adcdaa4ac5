/** A whole and its parts. */

import type { ReactNode } from "react";
import classes from "./charts.module.css";

export type Part = { name: string; value: number; color: string; shown?: string };

type Props = { label: string; parts: readonly Part[]; number: (value: number) => string; percent: (share: number) => string };

export function Split({ label, parts, number, percent }: Props) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  const share = (part: Part) => (whole === 0 ? 0 : part.value / whole);
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.bar} aria-hidden="true">
        {parts.filter((part) => part.value > 0).map((part) => (
          <div key={part.name} style={{ width: `${share(part) * 100}%`, background: part.color }} />
        ))}
      </div>
      <ul className={classes.list}>
        {parts.map((part) => (
          <li key={part.name}>
            <span className={classes.dot} style={{ background: part.color }} />
            <span>{part.name}</span>
            <span>{part.shown ?? number(part.value)}</span>
            <span className={classes.share}>{percent(share(part))}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A few numbers that sum up a page. */
export function Stats({ of }: { of: readonly { name: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className={classes.figures}>
      {of.map((stat) => (
        <div key={stat.name} className={classes.stat}>
          <dt>{stat.name}{stat.note && <small>{stat.note}</small>}</dt>
          <dd>{stat.value}</dd>
        </div>
      ))}
    </dl>
  );
}

type MeterProps = { label: string; value: number; max: number; mark?: number | undefined; color: string; text: string };

/** How much of something is used; `mark` is where it is heading. */
export function Meter({ label, value, max, mark, color, text }: MeterProps) {
  const share = (of: number) => Math.min(100, max === 0 ? 0 : (of / max) * 100);
  return (
    <div className={classes.track} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={max} aria-valuenow={Math.min(value, max)} aria-valuetext={text}>
      <div className={classes.fill} style={{ width: `${share(value)}%`, background: color }} />
      {mark !== undefined && mark > value && <div className={classes.mark} style={{ left: `calc(${share(mark)}% - 2px)` }} />}
    </div>
  );
}
