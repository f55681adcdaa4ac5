/** How far everybody has come, and what is next. */

import { Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { RolloutDocument, type RolloutQuery } from "~/gql/generated/rollout";
import type { UserKind } from "~/gql/generated/schema";
import { Stats } from "~/ui/charts/Split";
import { useFormats } from "~/ui/formats";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { ProgressSplit } from "~/ui/ProgressSplit";
import { Timeline } from "~/ui/Timeline";
import { Forecast } from "./Forecast";
import { Reminders } from "./Reminders";

type Tenant = RolloutQuery["tenant"];

export function RolloutPage() {
  const { t } = useTranslation();
  const asked = useAsk(RolloutDocument, {});
  return (
    <Page title={t("rollout.title")} lead={t("rollout.lead")}>
      <Loaded asked={asked}>{({ tenant }) => <Drawn tenant={tenant} />}</Loaded>
    </Page>
  );
}

function Drawn({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { total, enrolled, skipped, notEnrolled } = tenant.all;
  const share = total === 0 ? 0 : enrolled / total;
  return (
    <Stack gap="md">
      <Stats of={[
        { name: t("rollout.enrolled"), value: formats.percent(share), note: t("rollout.ofUsers", { enrolled: formats.number(enrolled), total: formats.number(total) }) },
        { name: t("rollout.toGo"), value: formats.number(skipped + notEnrolled) },
      ]} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Audience kind="EXTERNAL" progress={tenant.external} policy={tenant.policy.external} />
        <Audience kind="INTERNAL" progress={tenant.internal} policy={tenant.policy.internal} />
      </SimpleGrid>
      {[tenant.externalForecast, tenant.internalForecast].map((forecast) => forecast && <Forecast key={forecast.kind} forecast={forecast} />)}
      <Reminders runs={tenant.enrollmentReminders} />
    </Stack>
  );
}

type Props = { kind: UserKind; progress: Tenant["all"]; policy: Tenant["policy"]["internal"] };

function Audience({ kind, progress, policy }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const left = (["NOT_ENROLLED", "SKIPPED"] as const).map((enrollment) => (
    <Link key={enrollment} from="/t/$tenant" to="/t/$tenant/users" search={{ kind, enrollment }}>{t(`rollout.show.${enrollment}`)}</Link>
  ));
  return (
    <Panel title={t(`kind.plural.${kind}`)}>
      <Stack gap="lg">
        <Timeline dates={policy} now={formats.now()} />
        <ProgressSplit progress={progress} />
        {policy.maxSkips !== null && <Text size="sm" c="dimmed">{t("rollout.maxSkips", { count: policy.maxSkips })}</Text>}
        <Group gap="md" fz="sm">{left}</Group>
      </Stack>
    </Panel>
  );
}
