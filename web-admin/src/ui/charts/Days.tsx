/** Columns by day, each in parts; the same numbers as a table for whoever cannot see them. */

import { VisuallyHidden } from "@mantine/core";
import classes from "./charts.module.css";

export type Series = { name: string; color: string };
export type Day = { name: string; parts: readonly number[] };

type Props = { label: string; series: readonly Series[]; days: readonly Day[]; number: (value: number) => string };

const total = (day: Day) => day.parts.reduce((sum, part) => sum + part, 0);

/** The round number above all columns, whose half is whole. */
export function ceiling(highest: number): number {
  if (highest <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(highest));
  const steps = power === 1 ? [6, 8, 10] : [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10];
  return steps.map((step) => step * power).find((step) => step >= highest) ?? highest;
}

export function Days({ label, series, days, number }: Props) {
  const top = ceiling(Math.max(0, ...days.map(total)));
  const described = (day: Day) =>
    `${day.name}: ${series.map((one, index) => `${one.name} ${number(day.parts[index] ?? 0)}`).join(", ")}`;
  return (
    <figure className={classes.figure} aria-label={label}>
      <div aria-hidden="true" className={classes.plot}>
        <div className={classes.scale}><span>{number(top)}</span><span>{number(top / 2)}</span><span>0</span></div>
        <div className={classes.columns}>
          {days.map((day) => (
            <div key={day.name} className={classes.column} title={described(day)}>
              {series.map((one, index) => (
                <div key={one.name} className={classes.part} style={{ height: `${((day.parts[index] ?? 0) / top) * 100}%`, background: one.color }} />
              ))}
            </div>
          ))}
        </div>
        <div className={classes.days}><span>{days[0]?.name}</span><span>{days[Math.floor(days.length / 2)]?.name}</span><span>{days.at(-1)?.name}</span></div>
      </div>
      <ul className={classes.legend} aria-hidden="true">
        {series.map((one) => <li key={one.name}><span className={classes.dot} style={{ background: one.color }} />{one.name}</li>)}
      </ul>
      <VisuallyHidden>
        <table>
          <caption>{label}</caption>
          <thead><tr><td />{series.map((one) => <th key={one.name} scope="col">{one.name}</th>)}</tr></thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.name}><th scope="row">{day.name}</th>{day.parts.map((part, index) => <td key={index}>{number(part)}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
