/** What was decided of a login, as the door that the person stood before. */

import { useTranslation } from "react-i18next";
import type { LoginOutcome } from "~/gql/generated/schema";
import classes from "./ui.module.css";

const ARCH = "M3.500 14.500V7a4.500 4.500 0 0 1 9 0v7.500z";

const INSIDE: Record<LoginOutcome, { fill: string; d?: string }> = {
  ALLOW: { fill: "none", d: "M6.500 14.500V8a3 3 0 0 1 6-1.200" },
  CHALLENGE: { fill: "none", d: "M8 8.200v.010M8 8.500v2.600" },
  ENROLL: { fill: "none", d: "M8 7.500v4M6 9.500h4" },
  DENY: { fill: "currentColor" },
};

export const OUTCOME_COLOR: Record<LoginOutcome, string> = {
  ALLOW: "var(--allow)", CHALLENGE: "var(--challenge)", ENROLL: "var(--enroll)", DENY: "var(--deny)",
};

export function Door({ outcome, size = 16 }: { outcome: LoginOutcome; size?: number }) {
  const { fill, d } = INSIDE[outcome];
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill={fill} stroke="currentColor" strokeWidth={1.5} strokeLinecap="round"
      strokeLinejoin="round" aria-hidden="true" focusable="false" style={{ color: OUTCOME_COLOR[outcome], flex: "none" }}>
      <path d={ARCH} />
      {d && <path d={d} />}
    </svg>
  );
}

export function Outcome({ outcome }: { outcome: LoginOutcome }) {
  const { t } = useTranslation();
  return <span className={classes.outcome}><Door outcome={outcome} />{t(`outcome.${outcome}`)}</span>;
}
