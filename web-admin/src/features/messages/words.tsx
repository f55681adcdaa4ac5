/** Messages in words and marks. */

import { Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { MessagesQuery } from "~/gql/generated/messages";
import type { MessageChannel, MessageStatus } from "~/gql/generated/schema";
import { Tag, type Tone } from "~/ui/bits";
import { Icon, type IconName } from "~/ui/Icon";

export type Message = MessagesQuery["tenant"]["messages"]["edges"][number]["node"];

const TONES: Record<MessageStatus, Tone> = { QUEUED: "plain", SENDING: "note", ACCEPTED: "note", DELIVERED: "good", FAILED: "bad", CANCELED: "care" };
const ICONS: Record<MessageChannel, IconName> = { SMS: "messages", VOICE: "phone", EMAIL: "mail" };

export function StatusTag({ status }: { status: MessageStatus }) {
  const { t } = useTranslation();
  return <Tag tone={TONES[status]}>{t(`messageStatus.${status}`)}</Tag>;
}

export function ChannelName({ channel }: { channel: MessageChannel }) {
  const { t } = useTranslation();
  return <Group gap={6} wrap="nowrap" component="span" display="inline-flex"><Icon name={ICONS[channel]} />{t(`channel.${channel}`)}</Group>;
}
