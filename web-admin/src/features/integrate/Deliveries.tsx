/** What an endpoint was sent. */

import { Button, Code, Collapse, UnstyledButton } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { DeliveriesDocument, RedeliverDocument, type DeliveriesQuery } from "~/gql/generated/integrate";
import type { WebhookDeliveryStatus } from "~/gql/generated/schema";
import { useMay } from "~/shell/scope";
import { Mono, Quiet, Tag, When, type Tone } from "~/ui/bits";
import { Empty, Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";

type Endpoint = Extract<DeliveriesQuery["node"], { deliveries: unknown }>;
type Delivery = Endpoint["deliveries"]["edges"][number]["node"];

const TONES: Record<WebhookDeliveryStatus, Tone> = { QUEUED: "plain", SENDING: "note", DELIVERED: "good", FAILED: "bad", CANCELED: "plain" };
/** While something is on its way, it is looked at again. */
const LOOK_MS = 3_000;

export function Deliveries({ endpoint }: { endpoint: string }) {
  const { t } = useTranslation();
  const { after } = useSearch({ from: "/t/$tenant/integrate/webhooks" });
  const asked = useAsk(DeliveriesDocument, { id: endpoint, after: after ?? null }, { every: LOOK_MS });
  return (
    <Panel title={t("webhooks.deliveries")} flush>
      <Loaded asked={asked}>
        {({ node }) => (node && "deliveries" in node && node.deliveries.edges.length > 0
          ? <List deliveries={node.deliveries} endpoint={endpoint} after={after} />
          : <Empty icon="messages" title={t("deliveries.none")} />)}
      </Loaded>
    </Panel>
  );
}

function List({ deliveries, endpoint, after }: { deliveries: Endpoint["deliveries"]; endpoint: string; after: string | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const again = useTell(RedeliverDocument);
  const columns: Column<Delivery>[] = [
    { label: t("deliveries.when"), plain: true, kind: "fit", cell: (delivery) => <When at={delivery.createdAt} /> },
    { label: t("deliveries.type"), plain: true, cell: (delivery) => <Body delivery={delivery} /> },
    { label: t("messages.status"), plain: true, kind: "fit", cell: (delivery) => <Tag tone={TONES[delivery.status]}>{t(`deliveryStatus.${delivery.status}`)}</Tag> },
    { label: t("deliveries.answer"), cell: (delivery) => <>{delivery.responseStatus ?? "—"} <Quiet>{t("deliveries.tries", { count: delivery.attempts })}</Quiet>{delivery.failure && <div><Quiet>{delivery.failure}</Quiet></div>}</> },
    ...(may("redeliverWebhook") ? [{ label: t("team.do"), plain: true, kind: "fit" as const, cell: (delivery: Delivery) =>
      delivery.status === "DELIVERED" || delivery.status === "FAILED" ? <Button size="compact-sm" variant="default" onClick={() => again.mutate({ input: { deliveryId: delivery.id } })}>{t("deliveries.again")}</Button> : null }] : []),
  ];
  return (
    <>
      <Rows label={t("webhooks.deliveries")} rows={deliveries.edges.map((edge) => edge.node)} id={(delivery) => delivery.id} columns={columns} />
      <Pager
        first={after && <Link from="/t/$tenant/integrate/webhooks" to="." search={{ endpoint }}>{t("pager.newest")}</Link>}
        next={deliveries.pageInfo.hasNextPage && <Link from="/t/$tenant/integrate/webhooks" to="." search={{ endpoint, after: deliveries.pageInfo.endCursor ?? undefined }}>{t("pager.older")}</Link>} />
    </>
  );
}

function Body({ delivery }: { delivery: Delivery }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton onClick={() => setOpen(!open)} aria-expanded={open}><Mono>{delivery.type}</Mono></UnstyledButton>
      <Collapse expanded={open}><Code block mt="xs">{delivery.body}</Code></Collapse>
    </>
  );
}
