/** A code to read out over the phone. It is shown this once. */

import { Button, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Secret } from "~/ui/bits";
import { Dialog } from "~/ui/Dialog";

type Props = { title: string; text: string; code: string; onClose: () => void };

/** In groups of five, as one says it. */
export const spoken = (code: string) => code.replace(/[\s-]/g, "").replace(/(.{5})(?=.)/g, "$1-");

export function CodeGiven({ title, text, code, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog onClose={onClose} title={title} closeOnClickOutside={false}>
      <Stack>
        <Text size="sm">{text}</Text>
        <div aria-live="polite"><Secret value={spoken(code)} spoken /></div>
        <Text size="sm" c="dimmed">{t("secret.once")}</Text>
        <Button onClick={onClose} data-autofocus>{t("secret.kept")}</Button>
      </Stack>
    </Dialog>
  );
}
