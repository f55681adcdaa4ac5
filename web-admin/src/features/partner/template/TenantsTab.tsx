/** The tenants that differ from the template, and bringing them to it: some first, then all. */

import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { nameOf } from "~/features/policy/Diff";
import { DriftDocument, type DriftQuery } from "~/gql/generated/partner";
import { useMay } from "~/shell/scope";
import { Quiet, Tag } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Empty, Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { Pager, Rows, type Column } from "~/ui/Rows";
import { TenantLink } from "../TenantLink";
import { useWave, type Wave } from "./useWave";
import { WavePanel } from "./WavePanel";

type Drift = NonNullable<NonNullable<DriftQuery["partner"]>["templatePolicy"]>["drift"];
type Edge = Drift["edges"][number];

export function TenantsTab() {
  const { t } = useTranslation();
  const { after } = useSearch({ from: "/partner/$partner/template/tenants" });
  const asked = useAsk(DriftDocument, { after: after ?? null });
  const wave = useWave();
  return (
    <Stack gap="md">
      <WavePanel wave={wave} />
      <Panel title={t("drift.title")} hint={t("drift.hint")} flush>
        <Loaded asked={asked}>
          {({ partner }) => partner?.templatePolicy
            ? <List drift={partner.templatePolicy.drift} wave={wave} />
            : <Empty icon="policy" title={t("drift.noTemplate.title")}><p>{t("drift.noTemplate.text")}</p></Empty>}
        </Loaded>
      </Panel>
    </Stack>
  );
}

function List({ drift, wave }: { drift: Drift; wave: Wave }) {
  const { t } = useTranslation();
  const may = useMay()("realignTenants");
  const { after } = useSearch({ from: "/partner/$partner/template/tenants" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = (id: string, on: boolean) => setChosen((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)));
  const columns: Column<Edge>[] = [
    ...(may ? [{ label: t("drift.choose"), plain: true, kind: "fit" as const, cell: ({ node }: Edge) => <Checkbox aria-label={t("drift.chooseOf", { name: node.name })} checked={chosen.has(node.id)} disabled={wave.isRunning} onChange={(event) => choose(node.id, event.currentTarget.checked)} /> }] : []),
    { label: t("tenants.name"), plain: true, cell: ({ node }) => <><TenantLink tenant={node} /><div><Quiet>{node.slug}</Quiet></div></> },
    { label: t("tenants.environment"), plain: true, kind: "fit", cell: ({ node }) => <Tag tone={node.environment === "LIVE" ? "good" : "note"}>{t(`environment.${node.environment}`)}</Tag> },
    { label: t("drift.fields"), cell: ({ fields }) => fields.map((place) => nameOf(place, t)).join(", ") },
  ];
  if (drift.totalCount === 0) return <Empty icon="check" title={t("drift.none.title")}><p>{t("drift.none.text")}</p></Empty>;
  return (
    <>
      <Rows label={t("drift.title")} rows={drift.edges} id={({ node }) => node.id} columns={columns} />
      {may && <Deeds chosen={chosen} total={drift.totalCount} wave={wave} onStart={() => setChosen(new Set())} />}
      <Pager count={drift.totalCount}
        first={after && <Link from="/partner/$partner/template/tenants" to="." search={{}}>{t("pager.first")}</Link>}
        next={drift.pageInfo.hasNextPage && <Link from="/partner/$partner/template/tenants" to="." search={{ after: drift.pageInfo.endCursor ?? undefined }}>{t("pager.more")}</Link>} />
    </>
  );
}

type DeedsProps = { chosen: ReadonlySet<string>; total: number; wave: Wave; onStart: () => void };

function Deeds({ chosen, total, wave, onStart }: DeedsProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"chosen" | "all">();
  const count = asking === "all" ? total : chosen.size;
  const go = () => {
    wave.start(asking === "all" ? null : [...chosen], count);
    setAsking(undefined);
    onStart();
  };
  return (
    <Group p="sm" px="md" gap="xs">
      <Button disabled={chosen.size === 0 || wave.isRunning} onClick={() => setAsking("chosen")}>{t("drift.apply", { count: chosen.size })}</Button>
      <Button variant="default" disabled={wave.isRunning} onClick={() => setAsking("all")}>{t("drift.applyAll", { count: total })}</Button>
      {asking && <Confirm title={t("drift.confirm", { count })} act={t("drift.confirm.do")} busy={false} onClose={() => setAsking(undefined)} onConfirm={go}>{t("drift.confirm.text")}</Confirm>}
    </Group>
  );
}
