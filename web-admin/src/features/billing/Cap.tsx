/** How much a period may cost at most. */

import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { SetCapDocument } from "~/gql/generated/billing";
import { useMay } from "~/shell/scope";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import type { Account } from "./BillingPage";

export function Cap({ account }: { account: Account }) {
  const { t } = useTranslation();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const [value, setValue] = useState<string | number>(account.spendingCap ? Number(account.spendingCap.amount) : "");
  const set = useTell(SetCapDocument, () => setOpen(false));
  if (!may("setSpendingCap")) return null;
  const save = (cap: string | null) => set.mutate({ input: { cap } });
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>{t("billing.cap.change")}</Button>
      {open && (
        <Dialog onClose={() => setOpen(false)} title={t("billing.cap")}>
          <form onSubmit={(event) => { event.preventDefault(); if (value !== "") save(String(value)); }}>
            <Stack>
              <Text size="sm">{t("billing.cap.text")}</Text>
              <NumberInput label={t("billing.cap.amount", { currency: account.amount.currency })} min={0} decimalScale={2} value={value} onChange={setValue} hideControls data-autofocus />
              <Failure error={set.error} />
              <Group justify="flex-end">
                {account.spendingCap && <Button variant="subtle" color="brick" mr="auto" onClick={() => save(null)}>{t("billing.cap.remove")}</Button>}
                <Button variant="default" onClick={() => setOpen(false)}>{t("cancel")}</Button>
                <Button type="submit" loading={set.isPending} disabled={value === ""}>{t("save")}</Button>
              </Group>
            </Stack>
          </form>
        </Dialog>
      )}
    </>
  );
}
