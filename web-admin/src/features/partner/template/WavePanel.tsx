/** How far a wave has come, and what became of each tenant. */

import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { nameOf } from "~/features/policy/Diff";
import type { TemplateOutcome } from "~/gql/generated/schema";
import { Quiet, Tag, type Tone } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";
import { TenantLink } from "../TenantLink";
import type { Wave } from "./useWave";
import type { Result } from "./wave";

const TONES: Record<TemplateOutcome, Tone> = { CHANGED: "good", UNCHANGED: "plain", FAILED: "bad" };

export function WavePanel({ wave }: { wave: Wave }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (wave.total === 0) return null;
  const changed = wave.results.filter(({ outcome }) => outcome === "CHANGED").length;
  const failed = wave.results.filter(({ outcome }) => outcome === "FAILED").length;
  const done = wave.results.length;
  return (
    <Panel title={t(wave.isRunning ? "wave.running" : "wave.over")}
      actions={wave.isRunning && <Button size="xs" variant="default" onClick={wave.stop}>{t("wave.stop")}</Button>}>
      <Stack>
        <div role="status">
          <Text size="sm">{t("wave.done", { done: formats.number(done), total: formats.number(wave.total) })} {t("wave.changed", { count: changed })} {failed > 0 && t("wave.failed", { count: failed })}</Text>
          <Progress mt="xs" value={(done / wave.total) * 100} animated={wave.isRunning} aria-label={t("wave.progress")} />
        </div>
        <Failure error={wave.error} />
        {!wave.isRunning && done > 0 && <Results results={wave.results} />}
        {!wave.isRunning && failed > 0 && <Group><Text size="sm" c="dimmed">{t("wave.again")}</Text></Group>}
      </Stack>
    </Panel>
  );
}

/** Those that failed come first. */
function Results({ results }: { results: readonly Result[] }) {
  const { t } = useTranslation();
  const columns: Column<Result>[] = [
    { label: t("tenants.name"), plain: true, cell: ({ tenant }) => <><TenantLink tenant={tenant} /><div><Quiet>{tenant.slug}</Quiet></div></> },
    { label: t("wave.outcome"), plain: true, kind: "fit", cell: ({ outcome }) => <Tag tone={TONES[outcome]}>{t(`waveOutcome.${outcome}`)}</Tag> },
    { label: t("wave.what"), cell: ({ fields, message }) => message ?? fields.map((place) => nameOf(place, t)).join(", ") },
  ];
  const rank = ({ outcome }: Result) => (outcome === "FAILED" ? 0 : 1);
  return <Rows label={t("wave.results")} rows={[...results].sort((a, b) => rank(a) - rank(b))} id={({ tenant }) => tenant.id} columns={columns} />;
}
