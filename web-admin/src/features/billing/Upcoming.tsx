/** The invoice as it stands, and the way to where it is paid. */

import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { PortalDocument } from "~/gql/generated/billing";
import { useMay } from "~/shell/scope";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Rows } from "~/ui/Rows";
import type { Account } from "./BillingPage";

export function Upcoming({ invoice }: { invoice: Account["upcomingInvoice"] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const money = ({ amount, currency }: Account["amount"], exact = false) => formats.money(amount, currency, exact);
  return (
    <Panel title={t("upcoming.title", { total: money(invoice.total) })} hint={t("upcoming.hint")} flush actions={<Portal />}>
      {invoice.lines.length === 0 ? <Empty icon="billing" title={t("upcoming.none")} /> : <Rows label={t("upcoming.label")} rows={invoice.lines} id={(line) => `${line.channel}${line.countryGroup}`} columns={[
        { label: t("upcoming.what"), plain: true, cell: (line) => line.channel ? `${t(`channel.${line.channel}`)}${line.countryGroup ? ` · ${line.countryGroup}` : ""}` : t("upcoming.fee") },
        { label: t("upcoming.used"), kind: "number", cell: (line) => formats.number(line.used) },
        { label: t("upcoming.included"), kind: "number", cell: (line) => formats.number(line.included) },
        { label: t("upcoming.price"), kind: "number", cell: (line) => money(line.price, true) },
        { label: t("billing.amount"), kind: "number", cell: (line) => money(line.amount) },
      ]} />}
    </Panel>
  );
}

/** Opens the page on which cards and invoices are kept. */
function Portal() {
  const { t } = useTranslation();
  const may = useMay();
  const portal = useTell(PortalDocument, ({ url }) => { if (url) window.location.assign(url); });
  if (!may("createBillingPortalSession")) return null;
  return (
    <>
      <Button size="xs" variant="default" loading={portal.isPending} onClick={() => portal.mutate({ input: { returnUrl: window.location.href } })}>{t("upcoming.portal")}</Button>
      <Failure error={portal.error} />
    </>
  );
}
