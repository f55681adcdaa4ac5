/** The frame around all pages: the rail beside them, on a phone behind a button above them. */

import { Drawer, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { Mark } from "~/ui/Mark";
import classes from "./shell.module.css";

type Props = {
  name: string;
  /** Of people who wait. */
  waiting?: number;
  notice?: ReactNode;
  /** `onGo`: to be called when one goes to another page. */
  rail: (onGo?: () => void) => ReactNode;
};

export function Frame({ name, waiting = 0, notice, rail }: Props) {
  const { t } = useTranslation();
  const [open, drawer] = useDisclosure(false);
  return (
    <>
      <a className={classes.skip} href="#main">{t("nav.skip")}</a>
      <div className={classes.frame}>
        <aside className={classes.rail} aria-label={t("brand.name")}>{rail()}</aside>
        <div>
          <nav className={classes.top} aria-label={t("nav.top")}>
            <button type="button" className={classes.icon} onClick={drawer.open} aria-label={t("nav.open")} aria-expanded={open}><Icon name="menu" size={22} /></button>
            <Mark size={24} /><strong>{name}</strong>
            {waiting > 0 && <span className={classes.count}>{waiting}</span>}
          </nav>
          <Drawer opened={open} onClose={drawer.close} size="17rem" withCloseButton={false} padding={0} title={<VisuallyHidden>{t("nav.label")}</VisuallyHidden>} styles={{ header: { position: "absolute", minHeight: 0, padding: 0 } }}>
            <div className={classes.rail}>{rail(drawer.close)}</div>
          </Drawer>
          {notice}
          <Main />
        </div>
      </div>
    </>
  );
}

/** After going to another page, the keyboard begins at its top. */
function Main() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && !document.activeElement?.closest("main")) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  return <main id="main" ref={main} tabIndex={-1} className={classes.main}><Outlet /></main>;
}
