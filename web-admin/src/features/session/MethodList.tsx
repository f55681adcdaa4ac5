/** The ways to prove a second factor. */

import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "~/ui/Icon";
import { complaintText } from "./CodeForm";
import classes from "./door.module.css";
import type { Method } from "./steps";

const ICONS: Record<string, IconName> = { TOTP: "app", SMS: "messages", VOICE: "phone", EMAIL: "mail", PASSKEY: "key", BACKUP_CODE: "codes", TEMPORARY_ACCESS_CODE: "codes" };

type Props = { methods: readonly Method[]; onChoose: (method: Method) => void; busy: boolean; error: Error | null };

export function MethodList({ methods, onChoose, busy, error }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      {methods.map((method) => (
        <button key={method.id} type="button" className={classes.method} disabled={busy} onClick={() => onChoose(method)}>
          <Icon name={ICONS[method.channel] ?? "key"} size={22} />
          <span>{t(`method.${method.channel as "TOTP"}`)}{method.destination && <small>{method.destination}</small>}</span>
        </button>
      ))}
      {error && <Text c="var(--mantine-color-error)" size="sm" role="alert">{complaintText(error, t)}</Text>}
    </Stack>
  );
}
