/** What is shown while an answer is on its way, when it does not come, when it may not be seen, and when it is there. */

import { Button, Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Fault } from "~/api/faults";
import type { Asked } from "~/api/hooks";
import { Icon, type IconName } from "./Icon";
import classes from "./ui.module.css";

type EmptyProps = { icon?: IconName; title: string; children?: ReactNode };

/** Nothing to show, and why that is all right. */
export function Empty({ icon = "info", title, children }: EmptyProps) {
  return (
    <div className={classes.empty}>
      <Icon name={icon} size={30} />
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t("state.loading")}>
      {[72, 100, 88, 94].map((width) => <Skeleton key={width} height={16} width={`${width}%`} />)}
    </Stack>
  );
}

/** An error in words that say what to do. */
export function Trouble({ error, again }: { error: Error; again?: () => void }) {
  const { t } = useTranslation();
  if (error instanceof Fault && error.code === "FORBIDDEN") return <NoPermission />;
  const code = error instanceof Fault ? error.code : "INTERNAL";
  const known = code === "NO_CONNECTION" || code === "UNAVAILABLE" || code === "RATE_LIMITED";
  return (
    <div role="alert">
      <Empty icon="warn" title={t(known ? `fault.${code}.title` : "fault.INTERNAL.title")}>
        <p>{t(known ? `fault.${code}.text` : "fault.INTERNAL.text")}</p>
        {error instanceof Fault && error.details.requestId && !known && <p className={classes.mono}>{error.details.requestId}</p>}
        {again && <Button mt="md" variant="default" onClick={again}>{t("state.again")}</Button>}
      </Empty>
    </div>
  );
}

export function NoPermission() {
  const { t } = useTranslation();
  return <Empty icon="policy" title={t("state.forbidden.title")}><p>{t("state.forbidden.text")}</p></Empty>;
}

type Props<Data> = { asked: Asked<Data>; children: (data: Data) => ReactNode };

/** Draws an answer in all its states; an answer that is being replaced stays, a little paler. */
export function Loaded<Data>({ asked, children }: Props<Data>) {
  if (asked.data !== undefined) {
    return <div className={asked.isPlaceholderData ? classes.settling : undefined} aria-busy={asked.isPlaceholderData}>{children(asked.data)}</div>;
  }
  if (asked.error) return <Trouble error={asked.error} again={() => void asked.refetch()} />;
  return <Waiting />;
}
