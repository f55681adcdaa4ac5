/** Prefixes of numbers to which nothing is sent, since their codes were hardly ever given. */

import { Alert, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { ReleasePrefixDocument, type MessagesQuery } from "~/gql/generated/messages";
import { useMay } from "~/shell/scope";
import { Mono, When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";

export function Blocked({ prefixes }: { prefixes: MessagesQuery["tenant"]["blockedPrefixes"] }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const release = useTell(ReleasePrefixDocument);
  if (prefixes.length === 0) return null;
  return (
    <Alert color="brick" icon={<Icon name="warn" />} title={t("blocked.title")} mb="md">
      <Text size="sm" mb="xs">{t("blocked.text")}</Text>
      {prefixes.map((blocked) => (
        <Group key={blocked.prefix} gap="md" mt={6}>
          <Mono>{blocked.prefix}</Mono>
          <Text size="sm">{blocked.country && formats.country(blocked.country)} · {t("blocked.counts", { sent: formats.number(blocked.sent), verified: formats.number(blocked.verified) })} · <When at={blocked.since} /></Text>
          {may("releasePrefix") && <Button size="compact-sm" variant="default" loading={release.isPending} onClick={() => release.mutate({ input: { prefix: blocked.prefix } })}>{t("blocked.release")}</Button>}
        </Group>
      ))}
      <Failure error={release.error} />
    </Alert>
  );
}
