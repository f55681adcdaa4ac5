/** The keys by which the firm's own software comes in. */

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { KeysDocument, RevokeKeyDocument, type KeysQuery } from "~/gql/generated/integrate";
import { useMay } from "~/shell/scope";
import { Mono, Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Empty, Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";
import { CreateKey } from "./CreateKey";

type Key = KeysQuery["tenant"]["apiKeys"][number];

export function KeysTab() {
  const { t } = useTranslation();
  const may = useMay();
  const [creating, create] = useDisclosure(false);
  const asked = useAsk(KeysDocument, {});
  return (
    <>
      <Panel title={t("keys.title")} hint={t("keys.hint")} flush
        actions={may("createApiKey") && <Button leftSection={<Icon name="plus" />} onClick={create.open}>{t("keys.create")}</Button>}>
        <Loaded asked={asked}>{({ tenant }) => <List keys={tenant.apiKeys} />}</Loaded>
      </Panel>
      {creating && <CreateKey onClose={create.close} />}
    </>
  );
}

function List({ keys }: { keys: readonly Key[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const [ending, setEnding] = useState<Key>();
  const revoke = useTell(RevokeKeyDocument, () => setEnding(undefined));
  const over = (key: Key) => key.revokedAt !== null || new Date(key.expiresAt) < new Date();
  const columns: Column<Key>[] = [
    { label: t("keys.name"), plain: true, cell: (key) => <><strong>{key.name}</strong><div><Mono>{key.prefix}…</Mono></div></> },
    { label: t("keys.scopes"), plain: true, cell: (key) => key.scopes.map((scope) => t(`scope.${scope}`)).join(", ") },
    { label: t("keys.used"), cell: (key) => key.lastUsedAt ? <When at={key.lastUsedAt} relative /> : <Quiet>{t("keys.unused")}</Quiet> },
    { label: t("keys.expires"), cell: (key) => key.revokedAt ? <Tag tone="bad">{t("keys.revoked")}</Tag> : over(key) ? <Tag>{t("keys.over")}</Tag> : formats.day(key.expiresAt) },
    ...(may("revokeApiKey") ? [{ label: t("team.do"), plain: true, kind: "fit" as const, cell: (key: Key) => over(key) ? null : <Button size="compact-sm" variant="default" onClick={() => setEnding(key)}>{t("keys.revoke")}</Button> }] : []),
  ];
  if (keys.length === 0) return <Empty icon="key" title={t("keys.none.title")}><p>{t("keys.none.text")}</p></Empty>;
  return (
    <>
      <Rows label={t("keys.title")} rows={keys} id={(key) => key.id} columns={columns} />
      {ending && (
        <Confirm title={t("keys.revoke.title", { name: ending.name })} act={t("keys.revoke")} danger word={ending.name} busy={revoke.isPending} error={revoke.error}
          onClose={() => { revoke.reset(); setEnding(undefined); }} onConfirm={() => revoke.mutate({ input: { id: ending.id } })}>{t("keys.revoke.text")}</Confirm>
      )}
    </>
  );
}
