/** Deciding the logins of the last days once more, under the draft. */

import { Button, Group, Loader, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { CancelSimulationDocument, SimulateDocument, SimulationDocument, type SimulationQuery } from "~/gql/generated/policy";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { useEditing } from "./draft";
import { Findings, type Simulation } from "./Findings";
import { inputOf } from "./model";

const DAYS = [7, 30, 90];
const LOOK_MS = 600;
const simulationOf = (data: SimulationQuery | undefined) => (data?.node && "transitions" in data.node ? data.node : undefined);
const isOver = (simulation: Simulation | undefined) => simulation !== undefined && simulation.status !== "QUEUED" && simulation.status !== "RUNNING";

export function Rehearsal() {
  const { t } = useTranslation();
  const { draft } = useEditing();
  const [days, setDays] = useState(30);
  const [running, setRunning] = useState<{ id: string; of: string }>();
  const simulate = useTell(SimulateDocument, (payload) => { if (payload.simulation) setRunning({ id: payload.simulation.id, of: JSON.stringify(draft) }); });
  const stale = running !== undefined && running.of !== JSON.stringify(draft);
  return (
    <Stack>
      <Group align="flex-end">
        <Select label={t("rehearsal.days")} allowDeselect={false} value={String(days)} onChange={(value) => setDays(Number(value))} data={DAYS.map((count) => ({ value: String(count), label: t("overview.days", { count }) }))} w={160} />
        <Button variant={running && !stale ? "default" : "filled"} loading={simulate.isPending} onClick={() => simulate.mutate({ input: { policy: inputOf(draft), days } })}>
          {t(running ? "rehearsal.again" : "rehearsal.do")}
        </Button>
      </Group>
      <Failure error={simulate.error} />
      {stale && <Text size="sm" c="dimmed">{t("rehearsal.stale")}</Text>}
      {running && !stale && <Watch key={running.id} id={running.id} />}
    </Stack>
  );
}

function Watch({ id }: { id: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const asked = useAsk(SimulationDocument, { id }, { every: LOOK_MS, until: (data) => isOver(simulationOf(data)) });
  const cancel = useTell(CancelSimulationDocument);
  const simulation = simulationOf(asked.data);
  if (!simulation || !isOver(simulation)) {
    return (
      <Group role="status">
        <Loader size="sm" />
        <Text size="sm">{t("rehearsal.running", { replayed: formats.number(simulation?.loginsReplayed ?? 0) })}</Text>
        <Button size="compact-sm" variant="subtle" onClick={() => cancel.mutate({ input: { id } })}>{t("cancel")}</Button>
      </Group>
    );
  }
  if (simulation.status !== "COMPLETED") return <Text role="status">{simulation.failure ?? t("rehearsal.canceled")}</Text>;
  return <Findings simulation={simulation} />;
}
