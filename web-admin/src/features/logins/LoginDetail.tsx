/** One login: what was decided, why, what was unusual about it, what was asked, and how it ended. */

import { Box, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LoginRowFragment } from "~/gql/generated/logins";
import { Facts, Mono, Quiet, When } from "~/ui/bits";
import { Meter } from "~/ui/charts/Split";
import { Outcome } from "~/ui/Door";
import { Challenges } from "./Challenges";
import { Reasons, useEnding, Whence } from "./words";

export function LoginDetail({ login }: { login: LoginRowFragment }) {
  const { t } = useTranslation();
  const ending = useEnding();
  return (
    <Stack gap="lg">
      <div>
        <Text size="lg"><Outcome outcome={login.outcome} /></Text>
        <Text mt={4}><Reasons of={login.reasons} /></Text>
        <Text mt={4} c="dimmed">{ending(login)}</Text>
      </div>
      {login.challenges.length > 0 && (
        <section>
          <Title order={2} mb="xs">{t("asked.title")}</Title>
          <Challenges of={login.challenges} />
        </section>
      )}
      <section>
        <Title order={2} mb="xs">{t("login.risk", { score: login.riskScore })}</Title>
        <Meter label={t("login.riskScore")} value={login.riskScore} max={100} text={`${login.riskScore}`}
          color={login.riskScore >= 70 ? "var(--deny)" : login.riskScore >= 30 ? "var(--enroll)" : "var(--allow)"} />
        {login.riskSignals.length === 0
          ? <Text mt="sm" size="sm" c="dimmed">{t("login.nothingUnusual")}</Text>
          : <Box mt="sm"><Facts of={login.riskSignals.map((signal) => [t(`signal.${signal.kind}`), <>{signal.detail} <Quiet>+{signal.score}</Quiet></>] as const)} /></Box>}
      </section>
      <section>
        <Title order={2} mb="xs">{t("login.facts")}</Title>
        <Facts of={[
          [t("logins.when"), <When at={login.createdAt} />],
          [t("login.purpose"), t(`purpose.${login.purpose}`)],
          [t("login.firstFactor"), t(`firstFactor.${login.firstFactor}`)],
          [t("login.level"), t(`level.${login.level}`)],
          [t("login.place"), <Whence login={login} />],
          [t("login.address"), <Mono>{login.ipAddress}</Mono>],
          [t("login.policy"), String(login.policyVersion)],
          [t("login.id"), <Mono>{login.id}</Mono>],
        ]} />
      </section>
    </Stack>
  );
}
