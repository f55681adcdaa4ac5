/** A table; on a phone each row is a small card. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ui.module.css";

export type Column<Row> = {
  /** The head, and on a phone what stands before the value; empty where the value speaks for itself. */
  label: string;
  /** Drawn, but no head is needed on a phone. */
  plain?: boolean;
  kind?: "number" | "fit";
  cell: (row: Row) => ReactNode;
};

type Props<Row> = { label: string; rows: readonly Row[]; id: (row: Row) => string; columns: readonly Column<Row>[] };

export function Rows<Row>({ label, rows, id, columns }: Props<Row>) {
  return (
    <table className={classes.rows} role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} scope="col" role="columnheader" className={column.kind && classes[column.kind]}>{column.label}</th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={id(row)} role="row">
            {columns.map((column) => (
              <td key={column.label} role="cell" data-label={column.plain ? "" : column.label} className={column.kind && classes[column.kind]}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type PagerProps = { first: ReactNode; next: ReactNode; count?: number | undefined };

/** Where a page of a list leads on. */
export function Pager({ first, next, count }: PagerProps) {
  const { t } = useTranslation();
  if (!first && !next && count === undefined) return null;
  return (
    <nav className={classes.pager} aria-label={t("pager.label")}>
      {count !== undefined && <span className={classes.quiet} style={{ marginRight: "auto" }}>{t("pager.count", { count })}</span>}
      {first}
      {next}
    </nav>
  );
}
