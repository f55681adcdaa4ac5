/** One message and its steps. */

import { Stack, Text, Timeline, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts, Mono, When } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { ChannelName, StatusTag, type Message } from "./words";

export function MessageDetail({ message }: { message: Message }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Stack gap="lg">
      <Text size="lg"><ChannelName channel={message.channel} /> <StatusTag status={message.status} /></Text>
      {message.failure && <Text>{message.failure}</Text>}
      {message.sandboxBody && (
        <section>
          <Title order={2} mb="xs">{t("message.body")}</Title>
          <Text style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} p="sm" bg="var(--surface-sunk)">{message.sandboxBody}</Text>
        </section>
      )}
      <section>
        <Title order={2} mb="sm">{t("message.steps")}</Title>
        <Timeline active={message.timeline.length} bulletSize={12} lineWidth={2}>
          {message.timeline.map((step) => (
            <Timeline.Item key={`${step.at}${step.status}`} title={t(`messageStatus.${step.status}`)}>
              <Text size="sm" c="dimmed"><When at={step.at} />{step.detail && ` · ${step.detail}`}</Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </section>
      <Facts of={[
        [t("messages.purpose"), t(`messagePurpose.${message.purpose}`)],
        [t("messages.to"), message.destination || t("messages.erased")],
        [t("message.country"), message.country ? formats.country(message.country) : "—"],
        [t("message.provider"), message.provider ?? "—"],
        [t("login.id"), <Mono>{message.id}</Mono>],
      ]} />
    </Stack>
  );
}
