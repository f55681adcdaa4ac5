/** Networks from which the firm's own people need no second factor. */

import { ActionIcon, Alert, Button, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "~/features/session/session";
import { Mono, Quiet, Tag } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";
import { bytesOf, isIn } from "./cidr";
import { DateField } from "./DateField";
import { useEditing } from "./draft";
import type { Draft } from "./model";
import classes from "./policy.module.css";

type Network = Draft["allowedNetworks"][number];

export function NetworksTab() {
  const { t } = useTranslation();
  const { editable } = useEditing();
  return (
    <div className={classes.audiences}>
      <Panel title={t("networks.title")} hint={t("networks.hint")} flush><List /></Panel>
      <Stack gap="md">
        <Panel title={t("networks.mine")} hint={t("networks.mine.hint")}><Check /></Panel>
        {editable && <Panel title={t("networks.add")}><Add /></Panel>}
      </Stack>
    </div>
  );
}

function List() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable, edit } = useEditing();
  const remove = (gone: Network) => edit((draft) => ({ ...draft, allowedNetworks: draft.allowedNetworks.filter((network) => network !== gone) }));
  const expiry = ({ expiresAt }: Network) => {
    if (expiresAt === null) return <Quiet>{t("networks.stays")}</Quiet>;
    return new Date(expiresAt) <= formats.now() ? <Tag tone="care">{t("networks.expired")}</Tag> : formats.day(expiresAt);
  };
  const columns: Column<Network>[] = [
    { label: t("networks.label"), plain: true, cell: (network) => <strong>{network.label}</strong> },
    { label: t("networks.cidr"), plain: true, cell: (network) => <Mono>{network.cidr}</Mono> },
    { label: t("networks.until"), cell: expiry },
    ...(editable ? [{ label: t("team.do"), plain: true, kind: "fit" as const, cell: (network: Network) => <ActionIcon variant="subtle" color="gray" aria-label={t("networks.remove", { name: network.label })} onClick={() => remove(network)}><Icon name="trash" /></ActionIcon> }] : []),
  ];
  if (draft.allowedNetworks.length === 0) return <Empty icon="building" title={t("networks.none.title")}><p>{t("networks.none.text")}</p></Empty>;
  return <Rows label={t("networks.title")} rows={draft.allowedNetworks} id={(network) => network.cidr} columns={columns} />;
}

/** Whether an address, at first the one that this page is asked from, is in one of them. */
function Check() {
  const { t } = useTranslation();
  const { draft } = useEditing();
  const session = useQuery(sessionQuery);
  const [typed, setTyped] = useState<string>();
  const address = typed ?? session.data?.ipAddress ?? "";
  const found = draft.allowedNetworks.find((network) => isIn(address, network.cidr));
  const readable = bytesOf(address) !== undefined;
  return (
    <>
      <TextInput label={t("networks.address")} description={typed === undefined && address ? t("networks.address.yours") : undefined} value={address} onChange={(event) => setTyped(event.currentTarget.value)}
        error={address !== "" && !readable ? t("networks.address.wrong") : undefined} spellCheck={false} autoComplete="off" />
      {readable && (
        <div className={classes.answer} data-in={found !== undefined} role="status">
          <Icon name={found ? "check" : "close"} />{found ? t("networks.in", { name: found.label }) : t("networks.out")}
        </div>
      )}
    </>
  );
}

const BLANK = { cidr: "", label: "", expiresAt: null as string | null };

function Add() {
  const { t } = useTranslation();
  const { draft, edit } = useEditing();
  const [network, setNetwork] = useState(BLANK);
  const set = (changed: Partial<typeof network>) => setNetwork({ ...network, ...changed });
  const twice = draft.allowedNetworks.some((one) => one.cidr === network.cidr.trim());
  const add = () => {
    edit((draft) => ({ ...draft, allowedNetworks: [...draft.allowedNetworks, { ...network, cidr: network.cidr.trim(), label: network.label.trim() }] }));
    setNetwork(BLANK);
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (!twice) add(); }}>
      <Stack gap="sm">
        <TextInput label={t("networks.cidr")} description={t("networks.cidr.hint")} placeholder="192.0.2.0/24" required value={network.cidr} onChange={(event) => set({ cidr: event.currentTarget.value })} error={twice ? t("networks.twice") : undefined} spellCheck={false} />
        <TextInput label={t("networks.label")} placeholder={t("networks.label.example")} required maxLength={100} value={network.label} onChange={(event) => set({ label: event.currentTarget.value })} />
        <DateField label={t("networks.until.optional")} value={network.expiresAt} onChange={(expiresAt) => set({ expiresAt })} />
        <Alert color="brass" icon={<Icon name="warn" />}>{t("networks.warning")}</Alert>
        <Button type="submit" variant="default" leftSection={<Icon name="plus" />}>{t("networks.add")}</Button>
      </Stack>
    </form>
  );
}
