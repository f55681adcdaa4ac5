/** Small things that many pages show. */

import { ActionIcon, CopyButton, Tooltip, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "./formats";
import { Icon } from "./Icon";
import classes from "./ui.module.css";

export type Tone = "good" | "note" | "care" | "bad" | "plain";

export function Tag({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes.tag} data-tone={tone}>{children}</span>;
}

export function Quiet({ children }: { children: ReactNode }) {
  return <span className={classes.quiet}>{children}</span>;
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className={classes.mono}>{children}</span>;
}

/** A moment in the tenant's time zone; the exact one is there for whoever wants it. */
export function When({ at, relative = false }: { at: string; relative?: boolean }) {
  const formats = useFormats();
  return <time dateTime={at} title={formats.exact(at)}>{relative ? formats.ago(at) : formats.moment(at)}</time>;
}

/** Names and values. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {of.map(([name, value]) => <div key={name} style={{ display: "contents" }}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

export function Copy({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("copy.done") : (label ?? t("copy.do"))}>
          <ActionIcon variant="subtle" color={copied ? "patina" : "gray"} onClick={copy} aria-label={label ?? t("copy.do")}>
            <Icon name={copied ? "check" : "copy"} />
            <VisuallyHidden aria-live="polite">{copied ? t("copy.done") : ""}</VisuallyHidden>
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** What is shown once and never again. `spoken`: to be read out over the phone. */
export function Secret({ value, spoken = false }: { value: string; spoken?: boolean }) {
  return (
    <div className={`${classes.secret} ${spoken ? classes.spoken : ""}`}>
      <code>{value}</code>
      <Copy value={value} />
    </div>
  );
}

/** A piece of code to paste. */
export function Snippet({ code, label }: { code: string; label: string }) {
  const { t } = useTranslation();
  return (
    <div style={{ position: "relative" }}>
      <pre className={classes.code} tabIndex={0} role="region" aria-label={t("snippet.of", { what: label })}>{code}</pre>
      <div className={classes.copy}><Copy value={code} label={t("copy.of", { what: label })} /></div>
    </div>
  );
}
