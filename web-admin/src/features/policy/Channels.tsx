/** The channels of an audience, the preferred first, each with what it is worth. */

import { ActionIcon, Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Channel } from "~/gql/generated/schema";
import { CHANNELS } from "~/search";
import { Tag, type Tone } from "~/ui/bits";
import { Icon } from "~/ui/Icon";
import { useEditing } from "./draft";
import type { AudienceName } from "./model";
import classes from "./policy.module.css";

const STRENGTH: Record<Channel, { tone: Tone; word: "strong" | "good" | "fair" | "weak" }> = {
  PASSKEY: { tone: "good", word: "strong" }, TOTP: { tone: "good", word: "good" }, SMS: { tone: "note", word: "fair" },
  VOICE: { tone: "note", word: "fair" }, EMAIL: { tone: "care", word: "weak" },
};

export const isWeaker = (channel: Channel) => channel === "EMAIL";

/** Those that are on in their order, then the others. */
export const ordered = (on: readonly Channel[]): Channel[] => [...on, ...CHANNELS.filter((channel) => !on.includes(channel))];

export function moved(channels: readonly Channel[], channel: Channel, by: -1 | 1): Channel[] {
  const at = channels.indexOf(channel);
  const other = channels[at + by];
  if (at < 0 || other === undefined) return [...channels];
  return channels.map((one) => (one === channel ? other : one === other ? channel : one));
}

export function Channels({ name }: { name: AudienceName }) {
  const { t } = useTranslation();
  const { draft, editable, editAudience } = useEditing();
  const on = draft[name].allowedChannels;
  const set = (allowedChannels: Channel[]) => editAudience(name, { allowedChannels });
  const toggle = (channel: Channel, wanted: boolean) => set(wanted ? [...on, channel] : on.filter((one) => one !== channel));
  return (
    <ul className={classes.channels}>
      {ordered(on).map((channel) => {
        const place = on.indexOf(channel);
        const { tone, word } = STRENGTH[channel];
        return (
          <li key={channel} className={classes.channel} data-on={place >= 0}>
            <Checkbox aria-label={t(`channel.${channel}`)} checked={place >= 0} disabled={!editable || (place >= 0 && on.length === 1)} onChange={(event) => toggle(channel, event.currentTarget.checked)} mt={2} />
            <div>
              <strong>{t(`channel.${channel}`)}</strong> <Tag tone={tone}>{t(`strength.${word}`)}</Tag>
              <p>{t(`channelText.${channel}`)}</p>
              {place >= 0 && isWeaker(channel) && <p className={classes.warning}>{t(`channelWarning.${channel as "EMAIL"}`)}</p>}
            </div>
            {editable && place >= 0 && on.length > 1 && (
              <span className={classes.order}>
                <ActionIcon variant="subtle" color="gray" size={24} disabled={place === 0} aria-label={t("channels.up", { channel: t(`channel.${channel}`) })} onClick={() => set(moved(on, channel, -1))}>
                  <span style={{ rotate: "180deg", display: "grid" }}><Icon name="down" size={15} /></span>
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" size={24} disabled={place === on.length - 1} aria-label={t("channels.down", { channel: t(`channel.${channel}`) })} onClick={() => set(moved(on, channel, 1))}><Icon name="down" size={15} /></ActionIcon>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
