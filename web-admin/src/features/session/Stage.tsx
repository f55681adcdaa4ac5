/** The wall with the gate, beside whatever is asked of a person who is not in yet. */

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Mark } from "~/ui/Mark";
import classes from "./door.module.css";

/** A gate of stone rings, and in it the second door, with light behind it. */
function Gate() {
  const rings = [196, 172, 148];
  return (
    <svg className={classes.gate} viewBox="0 0 420 560" aria-hidden="true" focusable="false">
      {rings.map((radius, index) => (
        <path key={radius} d={`M${210 - radius} 560V${210}a${radius} ${radius} 0 0 1 ${radius * 2} 0V560`} fill={["#12352b", "#174236", "#0b231c"][index]} />
      ))}
      <path d="M160 560V330a62 62 0 0 1 124 0v230z" fill="#e5b854" />
      <path d="M160 560V330a62 62 0 0 1 62-62c18 0 26 4 26 22v270z" fill="#2a7a5f" />
      <path d="M160 560V330a62 62 0 0 1 62-62" fill="none" stroke="#53a184" strokeWidth="3" />
      <circle cx="232" cy="430" r="7" fill="#e5b854" />
      <path d="M248 560 330 560 284 470z" fill="#e5b854" opacity="0.28" />
    </svg>
  );
}

export function Stage({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.stage}>
      <header className={classes.wall}>
        <div className={classes.brand}><Mark size={32} />{t("brand.name")}</div>
        <Gate />
        <div className={classes.words}>
          <h1>{t("signIn.wall.title")}</h1>
          <p>{t("signIn.wall.text")}</p>
        </div>
      </header>
      <main className={classes.side}><div className={classes.form}>{children}</div></main>
    </div>
  );
}
