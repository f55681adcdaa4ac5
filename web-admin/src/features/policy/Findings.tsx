/** What a rehearsal found: who would be kept out, what would change, what it would cost. */

import { Alert, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Reasons } from "~/features/logins/words";
import type { SimulationQuery } from "~/gql/generated/policy";
import { Quiet, When } from "~/ui/bits";
import { Stats } from "~/ui/charts/Split";
import { Outcome } from "~/ui/Door";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Rows } from "~/ui/Rows";
import classes from "./policy.module.css";

/** The kinds of change come in turn: these are some of each. */
const SHOWN = 8;

export type Simulation = Extract<SimulationQuery["node"], { transitions: unknown }>;

export function Findings({ simulation }: { simulation: Simulation }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const changed = simulation.transitions.filter(({ from, to }) => from !== to);
  const count = changed.reduce((sum, transition) => sum + transition.count, 0);
  const money = ({ amount, currency }: Simulation["costBefore"]) => formats.money(amount, currency);
  if (simulation.loginsReplayed === 0) return <Text role="status">{t("findings.noLogins")}</Text>;
  return (
    <Stack role="status">
      <Stats of={[
        { name: t("findings.replayed"), value: formats.number(simulation.loginsReplayed), note: simulation.loginsSkipped > 0 && t("findings.skipped", { count: simulation.loginsSkipped }) },
        { name: t("findings.changed"), value: formats.number(count) },
        { name: t("findings.messages"), value: formats.number(simulation.messagesAfter), note: t("findings.before", { value: formats.number(simulation.messagesBefore) }) },
        { name: t("findings.cost"), value: money(simulation.costAfter), note: t("findings.before", { value: money(simulation.costBefore) }) },
      ]} />
      {simulation.usersLockedOut > 0
        ? <LockedOut simulation={simulation} />
        : <Alert color="patina" icon={<Icon name="check" />}>{t("findings.nobodyOut")}</Alert>}
      {changed.length > 0 && (
        <div>
          <Title order={3} mb="xs">{t("findings.transitions")}</Title>
          <div className={classes.flow}>
            {changed.map(({ from, to, count }) => (
              <div key={from + to} style={{ display: "contents" }}>
                <Outcome outcome={from} /><Icon name="right" size={16} /><Outcome outcome={to} /><strong>{t("findings.logins", { count })}</strong>
              </div>
            ))}
          </div>
        </div>
      )}
      {simulation.examples.length > 0 && <Examples examples={simulation.examples} />}
    </Stack>
  );
}

function LockedOut({ simulation }: { simulation: Simulation }) {
  const { t } = useTranslation();
  return (
    <Alert color="brick" icon={<Icon name="warn" />} title={t("findings.lockedOut", { count: simulation.usersLockedOut })}>
      <Text size="sm">{t("findings.lockedOut.text")}</Text>
      <ul>
        {simulation.lockedOut.edges.map(({ node }) => (
          <li key={node.id}><Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: node.id }}>{node.displayName ?? node.externalId}</Link></li>
        ))}
      </ul>
    </Alert>
  );
}

function Examples({ examples }: { examples: Simulation["examples"] }) {
  const { t } = useTranslation();
  return (
    <div>
      <Title order={3} mb="xs">{t("findings.examples")}</Title>
      <Rows label={t("findings.examples")} rows={examples.slice(0, SHOWN)} id={(example) => example.login.id} columns={[
        { label: t("logins.user"), plain: true, cell: ({ login }) => <>{login.user.displayName ?? login.user.externalId} <Quiet><When at={login.createdAt} /></Quiet></> },
        { label: t("findings.was"), cell: ({ login }) => <Outcome outcome={login.outcome} /> },
        { label: t("findings.would"), cell: (example) => <><Outcome outcome={example.outcome} /><div><Quiet><Reasons of={example.reasons} /></Quiet></div></> },
      ]} />
    </div>
  );
}
