/** What the period has cost so far, against its cap. */

import { Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { OverviewQuery } from "~/gql/generated/overview";
import { Meter } from "~/ui/charts/Split";
import { useFormats } from "~/ui/formats";
import { Panel } from "~/ui/Page";

type Billing = NonNullable<OverviewQuery["tenant"]["billing"]>;

/** Told where 80 % are reached, as the owners are by mail. */
const NEAR = 0.8;

export function Spend({ billing }: { billing: Billing }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { amount, projected, spendingCap } = billing;
  const spent = formats.money(amount.amount, amount.currency);
  const values = { spent, cap: spendingCap ? formats.money(spendingCap.amount, spendingCap.currency) : "", date: formats.shortDay(billing.periodEnd) };
  const near = spendingCap && Number(amount.amount) >= NEAR * Number(spendingCap.amount);
  return (
    <Panel title={t("overview.spend")} actions={<Link to="/t/$tenant/billing" from="/t/$tenant">{t("overview.spend.more")}</Link>}>
      <Stack gap="xs">
        <Text>{t(spendingCap ? "overview.spend.ofCap" : "overview.spend.noCap", values)}</Text>
        {spendingCap && (
          <Meter label={t("overview.spend")} value={Number(amount.amount)} max={Number(spendingCap.amount)} mark={Number(projected.amount)}
            color={near ? "var(--deny)" : "var(--allow)"} text={t("overview.spend.ofCap", values)} />
        )}
        <Text size="sm" c="dimmed">{t("overview.spend.projected", { amount: formats.money(projected.amount, projected.currency), date: values.date })}</Text>
      </Stack>
    </Panel>
  );
}
