/** What every page has: a name, a sentence, what one can do. */

import { Title } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ui.module.css";

type Props = { title: string; mark?: ReactNode; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Page({ title, mark, lead, actions, children }: Props) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("brand.name")}`;
  }, [title, t]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          <Title order={1}>{title}{mark && <> {mark}</>}</Title>
          {lead && <p className={classes.lead}>{lead}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = { title?: string; hint?: ReactNode; actions?: ReactNode; flush?: boolean; children: ReactNode; labelledBy?: string };

/** A part of a page. `flush`: what is in it, such as a table, brings its own margins. */
export function Panel({ title, hint, actions, flush = false, children }: PanelProps) {
  return (
    <section className={classes.panel} {...(title ? { "aria-label": title } : {})}>
      {(title || actions) && (
        <div className={classes.panelHead}>
          <div>
            {title && <Title order={2}>{title}</Title>}
            {hint && <p className={classes.hint}>{hint}</p>}
          </div>
          {actions}
        </div>
      )}
      <div className={flush ? classes.flush : classes.panelBody}>{children}</div>
    </section>
  );
}
