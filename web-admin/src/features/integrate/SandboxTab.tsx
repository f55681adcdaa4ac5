/** The sandbox: what would have been sent, and a clock to move. */

import { Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { AdvanceDocument, InboxDocument } from "~/gql/generated/integrate";
import { useMay } from "~/shell/scope";
import { When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Empty, Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import classes from "./integrate.module.css";

const UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const;
const LOOK_MS = 4_000;

export function SandboxTab() {
  const { t } = useTranslation();
  const may = useMay();
  const asked = useAsk(InboxDocument, {}, { every: LOOK_MS });
  return (
    <div className={classes.grid}>
      <Panel title={t("sandbox.inbox")} hint={t("sandbox.inbox.hint")} flush>
        <Loaded asked={asked}>
          {({ tenant }) => tenant.messages.edges.length === 0 ? <Empty icon="messages" title={t("sandbox.inbox.none")} /> : tenant.messages.edges.map(({ node }) => (
            <article key={node.id} className={classes.mail}>
              <header><strong>{t(`channel.${node.channel}`)}</strong><span>{node.destination}</span><When at={node.createdAt} relative /></header>
              <p>{node.sandboxBody ?? t(`messageStatus.${node.status}`)}</p>
            </article>
          ))}
        </Loaded>
      </Panel>
      <Panel title={t("sandbox.clock")} hint={t("sandbox.clock.hint")}>
        <Stack>
          <Loaded asked={asked}>{({ tenant }) => <Text fz="lg" fw={600}><Clock at={tenant.clock} /></Text>}</Loaded>
          {may("advanceSandboxClock") && <Advance />}
        </Stack>
      </Panel>
    </div>
  );
}

function Clock({ at }: { at: string }) {
  const formats = useFormats();
  return <>{formats.day(at)}, {formats.moment(at).split(", ").at(-1)}</>;
}

function Advance() {
  const { t } = useTranslation();
  const [count, setCount] = useState<string | number>(1);
  const [unit, setUnit] = useState<keyof typeof UNITS>("days");
  const advance = useTell(AdvanceDocument);
  const seconds = Number(count) * UNITS[unit];
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (seconds > 0) advance.mutate({ input: { seconds } }); }}>
      <Group align="flex-end" wrap="nowrap">
        <NumberInput label={t("sandbox.by")} min={1} max={365} allowDecimal={false} value={count} onChange={setCount} w={100} />
        <Select aria-label={t("sandbox.unit")} allowDeselect={false} value={unit} onChange={(value) => value && setUnit(value)} w={130}
          data={(Object.keys(UNITS) as (keyof typeof UNITS)[]).map((value) => ({ value, label: t(`sandbox.${value}`) }))} />
        <Button type="submit" loading={advance.isPending}>{t("sandbox.move")}</Button>
      </Group>
      <Text size="sm" c="dimmed" mt="xs">{t("sandbox.forward")}</Text>
      <Failure error={advance.error} />
    </form>
  );
}
