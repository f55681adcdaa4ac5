import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Tag, type Tone } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Empty } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Rows } from "~/ui/Rows";
import type { InvoiceStatus } from "~/gql/generated/schema";
import type { Account } from "./BillingPage";

const TONES: Record<InvoiceStatus, Tone> = { DRAFT: "plain", OPEN: "care", PAID: "good", VOID: "plain", UNCOLLECTIBLE: "bad" };

/** What is to be paid, and was. */
export function Invoices({ invoices }: { invoices: Account["invoices"] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Panel title={t("billing.invoices")} flush>
      {invoices.length === 0 ? <Empty icon="billing" title={t("billing.invoices.none.title")}><p>{t("billing.invoices.none.text")}</p></Empty> : (
        <Rows label={t("billing.invoices")} rows={invoices} id={(invoice) => invoice.number} columns={[
          { label: t("billing.number"), plain: true, cell: (invoice) => invoice.hostedUrl ? <Anchor href={invoice.hostedUrl} rel="noreferrer" target="_blank">{invoice.number}</Anchor> : invoice.number },
          { label: t("billing.period"), cell: (invoice) => `${formats.day(invoice.periodStart)} – ${formats.day(invoice.periodEnd)}` },
          { label: t("billing.amount"), kind: "number", cell: (invoice) => formats.money(invoice.amount.amount, invoice.amount.currency) },
          { label: t("messages.status"), plain: true, kind: "fit", cell: (invoice) => <Tag tone={TONES[invoice.status]}>{t(`invoice.${invoice.status}`)}</Tag> },
        ]} />
      )}
    </Panel>
  );
}
