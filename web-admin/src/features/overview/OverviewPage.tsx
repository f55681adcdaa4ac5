/** How it goes: who came, what was asked of them, how far the rollout is, what it costs. */

import { SimpleGrid, Stack } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { OverviewDocument, type OverviewQuery } from "~/gql/generated/overview";
import { SPANS } from "~/search";
import { useMay } from "~/shell/scope";
import { usePlace } from "~/shell/tenant";
import { Spans } from "./Spans";
import { Spend } from "./Spend";
import { Days } from "~/ui/charts/Days";
import { Split, Stats } from "~/ui/charts/Split";
import { OUTCOME_COLOR } from "~/ui/Door";
import { ClockContext, useFormats } from "~/ui/formats";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { ProgressSplit } from "~/ui/ProgressSplit";
import { WAY_COLORS } from "./colors";
import { daysBetween, summarize } from "./summary";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Whole hours, so that going away and coming back asks nothing new. */
function span(now: number, days: number) {
  const to = Math.ceil(now / HOUR_MS) * HOUR_MS;
  return { from: new Date(to - days * DAY_MS).toISOString(), to: new Date(to).toISOString() };
}

export function OverviewPage() {
  const { t } = useTranslation();
  const { days = 30 } = useSearch({ from: "/t/$tenant/overview" });
  const navigate = useNavigate({ from: "/t/$tenant/overview" });
  const place = usePlace();
  const may = useMay();
  const clock = useContext(ClockContext);
  const range = useMemo(() => span(Date.now() + clock.aheadMs, days), [clock.aheadMs, days]);
  const asked = useAsk(OverviewDocument, { ...range, billing: may("tenant.billing") }, { enabled: clock.known, fresh: 60_000 });
  return (
    <Page title={t("overview.title")} lead={t("overview.lead", { name: place.name })}
      actions={<Spans days={days} spans={SPANS} onChange={(days) => void navigate({ search: { days } })} />}>
      <Loaded asked={asked}>{({ tenant }) => <Drawn tenant={tenant} {...range} />}</Loaded>
    </Page>
  );
}

type Props = { tenant: OverviewQuery["tenant"]; from: string; to: string };

function Drawn({ tenant, from, to }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const summary = useMemo(
    () => summarize(tenant.loginCounts, daysBetween(new Date(from), new Date(to), formats.timeZone)),
    [tenant, from, to, formats.timeZone],
  );
  const stats = [
    { name: t("overview.logins"), value: formats.number(summary.logins) },
    { name: t("overview.challengeRate"), value: formats.percent(summary.challengeRate), note: t("overview.challengeRate.note") },
    { name: t("overview.conversion"), value: formats.percent(summary.conversion), note: t("overview.conversion.note") },
    { name: t("overview.denied"), value: formats.number(summary.denied) },
  ];
  return (
    <Stack gap="md">
      <Stats of={stats} />
      <Panel title={t("overview.byDay")}>
        {summary.logins === 0
          ? <Empty icon="login" title={t("overview.none.title")}><p>{t("overview.none.text")}</p></Empty>
          : <ByDay days={summary.days} />}
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2, lg: tenant.billing ? 3 : 2 }} spacing="md">
        <Panel title={t("overview.mix")} hint={t("overview.mix.hint")}>
          {summary.mix.length === 0 ? <Empty icon="key" title={t("overview.mix.none")} /> : (
            <Split label={t("overview.mix")} {...formats}
              parts={summary.mix.map((way) => ({ name: t(`completion.${way.with}`), value: way.logins, color: WAY_COLORS[way.with] }))} />
          )}
        </Panel>
        <Panel title={t("overview.rollout")} actions={<Link to="/t/$tenant/rollout" from="/t/$tenant">{t("overview.rollout.more")}</Link>}>
          <ProgressSplit progress={tenant.enrollmentProgress} />
        </Panel>
        {tenant.billing && <Spend billing={tenant.billing} />}
      </SimpleGrid>
    </Stack>
  );
}

function ByDay({ days }: { days: ReturnType<typeof summarize>["days"] }) {
  const { t, i18n } = useTranslation();
  const formats = useFormats();
  const outcomes = ["ALLOW", "CHALLENGE", "ENROLL", "DENY"] as const;
  const named = new Intl.DateTimeFormat(i18n.language, { timeZone: "UTC", day: "numeric", month: "short" });
  return (
    <Days label={t("overview.byDay")} number={formats.number}
      series={outcomes.map((outcome) => ({ name: t(`outcome.${outcome}`), color: OUTCOME_COLOR[outcome] }))}
      days={days.map(({ day, parts }) => ({ name: named.format(new Date(`${day}T00:00:00Z`)), parts }))} />
  );
}
