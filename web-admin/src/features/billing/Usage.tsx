/** What was used, by day and by channel and country. */

import { useTranslation } from "react-i18next";
import type { BillingQuery } from "~/gql/generated/billing";
import { Days } from "~/ui/charts/Days";
import { useFormats } from "~/ui/formats";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Rows } from "~/ui/Rows";
import { byChannel, byPlace, type Point } from "./sums";

const CHANNELS = ["SMS", "VOICE", "EMAIL"] as const;
const COLORS = { SMS: "var(--mantine-color-patina-6)", VOICE: "var(--mantine-color-river-4)", EMAIL: "var(--mantine-color-brass-4)" };

export function Usage({ points, since }: { points: BillingQuery["tenant"]["usage"]; since: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const rows = byPlace(points.filter((point) => point.at >= since));
  if (points.length === 0) return <Panel title={t("billing.usage")}><Empty icon="messages" title={t("billing.usage.none")} /></Panel>;
  return (
    <>
      <Panel title={t("billing.usage")}>
        <Days label={t("billing.usage")} number={formats.number} days={byChannel(points, CHANNELS).map(({ day, parts }) => ({ name: formats.shortDay(day), parts }))}
          series={CHANNELS.map((channel) => ({ name: t(`channel.${channel}`), color: COLORS[channel] }))} />
      </Panel>
      <Panel title={t("billing.detail")} flush>
        {rows.length === 0 ? <Empty icon="billing" title={t("billing.detail.none")} /> : (
          <Rows<Point> label={t("billing.detail")} rows={rows} id={(row) => `${row.channel}${row.country}`} columns={[
            { label: t("messages.channel"), plain: true, cell: (row) => t(`channel.${row.channel}`) },
            { label: t("message.country"), plain: true, cell: (row) => row.country ? formats.country(row.country) : "—" },
            { label: t("billing.units"), kind: "number", cell: (row) => formats.number(row.units) },
            { label: t("billing.amount"), kind: "number", cell: (row) => formats.money(row.amount.amount, row.amount.currency) },
          ]} />
        )}
      </Panel>
    </>
  );
}
