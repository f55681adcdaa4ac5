/** What was asked of somebody at a login, and how it goes on while one looks. */

import { useTranslation } from "react-i18next";
import { useListen, useReadAgain } from "~/api/live/hooks";
import { StatusTag as MessageTag } from "~/features/messages/words";
import { ChallengeChangesDocument } from "~/gql/generated/logins";
import type { ChallengeStatus } from "~/gql/generated/schema";
import { useMay } from "~/shell/scope";
import { Quiet, Tag, type Tone } from "~/ui/bits";
import { isNews, pendingOf, type Asked } from "./asked";
import classes from "./logins.module.css";

const TONES: Record<ChallengeStatus, Tone> = { PENDING: "care", VERIFIED: "good", FAILED: "bad", EXPIRED: "plain", SUPERSEDED: "plain" };

/** By which way, and to where. */
function Way({ asked }: { asked: Asked }) {
  const { t } = useTranslation();
  return <>{t(`completion.${asked.channel}`)}{asked.destination && <> · <bdi>{asked.destination}</bdi></>}</>;
}

export function Challenges({ of }: { of: readonly Asked[] }) {
  const { t } = useTranslation();
  return (
    <ul className={classes.asked}>
      {of.map((asked) => (
        <li key={asked.id}>
          <span><Way asked={asked} /></span>
          <Tag tone={TONES[asked.status]}>{t(`challengeStatus.${asked.status}`)}</Tag>
          {asked.messages.map((message) => <span key={message.id} className={classes.sent}><Quiet>{t(`channel.${message.channel}`)}</Quiet> <MessageTag status={message.status} /></span>)}
          {asked.status === "PENDING" && <span className={classes.sent}><Quiet>{t("asked.tries", { count: asked.attemptsRemaining })}</Quiet></span>}
        </li>
      ))}
    </ul>
  );
}

/** In one line, what is waited for at the moment. */
export function Pending({ of }: { of: readonly Asked[] }) {
  const { t } = useTranslation();
  const [asked] = pendingOf([{ challenges: of }]).slice(-1);
  if (!asked) return null;
  const sent = asked.messages.at(-1);
  return (
    <span className={classes.pending}>
      <span><Way asked={asked} /></span> {sent ? <MessageTag status={sent.status} /> : null} {t("asked.tries", { count: asked.attemptsRemaining })}
    </span>
  );
}

/** Has what is shown of these read again as soon as they go on; to be drawn somewhere. */
export function Follow({ challenges }: { challenges: readonly Asked[] }) {
  const mayListen = useMay()("challengeUpdated");
  const again = useReadAgain("challenges {");
  return mayListen ? challenges.map((asked) => <One key={asked.id} asked={asked} onNews={again} />) : null;
}

function One({ asked, onNews }: { asked: Asked; onNews: () => void }) {
  useListen(ChallengeChangesDocument, { id: asked.id }, ({ challengeUpdated }) => { if (isNews(challengeUpdated, asked)) onNews(); });
  return null;
}
