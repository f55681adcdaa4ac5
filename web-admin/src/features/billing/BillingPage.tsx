/** What it costs: the period so far, the cap, the plan, what is to be paid. */

import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { BillingDocument, type BillingQuery } from "~/gql/generated/billing";
import { usePlace } from "~/shell/tenant";
import { Meter, Stats } from "~/ui/charts/Split";
import { useFormats } from "~/ui/formats";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Cap } from "./Cap";
import { Invoices } from "./Invoices";
import { Plans } from "./Plans";
import { Upcoming } from "./Upcoming";
import { Usage } from "./Usage";

export type Account = BillingQuery["tenant"]["billing"];

const DAY_MS = 86_400_000;

/** The last 35 days hold the period that runs, by the wall clock as all that is billed. */
function lately() {
  const to = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  return { from: new Date(to - 35 * DAY_MS).toISOString(), to: new Date(to).toISOString() };
}

export function BillingPage() {
  const { t } = useTranslation();
  const { environment } = usePlace();
  const range = useMemo(lately, []);
  const asked = useAsk(BillingDocument, range);
  return (
    <Page title={t("billing.title")} lead={t(environment === "SANDBOX" ? "billing.sandbox" : "billing.lead")}>
      <Loaded asked={asked}>{({ tenant }) => <Drawn account={tenant.billing} usage={tenant.usage} />}</Loaded>
    </Page>
  );
}

function Drawn({ account, usage }: { account: Account; usage: BillingQuery["tenant"]["usage"] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { amount, projected, spendingCap } = account;
  const money = ({ amount, currency }: typeof projected) => formats.money(amount, currency);
  return (
    <Stack gap="md">
      <Stats of={[
        { name: t("billing.soFar"), value: money(amount), note: t("billing.since", { date: formats.shortDay(account.periodStart) }) },
        { name: t("billing.projected"), value: money(projected), note: t("billing.until", { date: formats.shortDay(account.periodEnd) }) },
        { name: t("billing.plan"), value: <Text span fz="lg" fw={600}>{account.plan.name}</Text>, note: t("billing.fee", { amount: money(account.plan.monthly) }) },
        { name: t("billing.payment"), value: <Text span fz="lg" fw={600}>{t(`payment.${account.paymentStatus}`)}</Text> },
      ]} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title={t("billing.cap")} actions={<Cap account={account} />}>
          <Stack gap="xs">
            <Text>{spendingCap ? t("billing.cap.is", { amount: money(spendingCap) }) : t("billing.cap.none")}</Text>
            {spendingCap && <Meter label={t("billing.cap")} value={Number(amount.amount)} max={Number(spendingCap.amount)} mark={Number(projected.amount)}
              color={Number(amount.amount) >= 0.8 * Number(spendingCap.amount) ? "var(--deny)" : "var(--allow)"} text={t("overview.spend.ofCap", { spent: money(amount), cap: money(spendingCap) })} />}
            <Text size="sm" c="dimmed">{t("billing.cap.text")}</Text>
          </Stack>
        </Panel>
        <Plans account={account} />
      </SimpleGrid>
      <Usage points={usage} since={account.periodStart} />
      <Upcoming invoice={account.upcomingInvoice} />
      <Invoices invoices={account.invoices} />
    </Stack>
  );
}
