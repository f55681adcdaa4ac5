/** A question before what cannot be taken back, with a reason where one goes on record. */

import { Button, Group, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";

type Props = {
  title: string;
  children: ReactNode;
  /** What the button says. */
  act: string;
  /** Red: something ends. */
  danger?: boolean;
  /** The label of the reason, where one is needed. */
  reason?: string;
  /** A word to type first, where much would be lost. */
  word?: string;
  busy: boolean;
  error?: Error | null;
  onClose: () => void;
  onConfirm: (reason: string) => void;
};

export function Confirm(props: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const ready = (!props.reason || reason.trim() !== "") && (!props.word || typed === props.word);
  return (
    <Dialog onClose={props.onClose} title={props.title}>
      <form onSubmit={(event) => { event.preventDefault(); if (ready) props.onConfirm(reason.trim()); }}>
        <Stack gap="md">
          <Text component="div" size="sm">{props.children}</Text>
          {props.reason && (
            <Textarea label={props.reason} description={t("confirm.onRecord")} required autosize minRows={2} maxLength={500}
              value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          )}
          {props.word && (
            <TextInput label={t("confirm.type", { word: props.word })} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          )}
          <Failure error={props.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>{t("cancel")}</Button>
            <Button type="submit" color={props.danger ? "brick" : "patina"} loading={props.busy} disabled={!ready}>{props.act}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What went wrong with a deed, beside its button. */
export function Failure({ error }: { error: Error | null | undefined }) {
  const { t } = useTranslation();
  if (!error) return null;
  const text = error instanceof Refusal ? error.message : error.message || t("fault.INTERNAL.title");
  return (
    <Text size="sm" c="var(--mantine-color-error)" role="alert" component="div">
      <Group gap={6} wrap="nowrap" align="flex-start"><Icon name="warn" size={16} /><span>{text}</span></Group>
    </Text>
  );
}
