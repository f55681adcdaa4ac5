/** Somebody who cannot get in and asks for help: who, from where, and the two answers. */

import { Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Whence } from "~/features/logins/words";
import type { TemporaryAccessRequestStatus } from "~/gql/generated/schema";
import { useMay } from "~/shell/scope";
import { Mono, When } from "~/ui/bits";
import { Icon } from "~/ui/Icon";
import { Approve, Decline } from "./answers";
import classes from "./requests.module.css";

export type Request = {
  readonly id: string; readonly note: string | null; readonly createdAt: string; readonly expiresAt: string; readonly status: TemporaryAccessRequestStatus;
  readonly login: { readonly ipAddress: string; readonly location: { readonly city: string | null; readonly country: string | null } | null };
  readonly user: { readonly id: string; readonly displayName: string | null; readonly externalId: string };
};

const nameOf = ({ user }: Request) => user.displayName ?? user.externalId;

type OnAnswer = (request: Request, answer: "yes" | "no") => void;

/** The dialogs of answers. A page holds them, and not a card: an answered request leaves its list, and
 * the code that was given for it must stay readable. */
export function useAnswers(): { dialog: ReactNode; onAnswer: OnAnswer } {
  const [open, setOpen] = useState<{ request: Request; answer: "yes" | "no" }>();
  const close = () => setOpen(undefined);
  const Dialog = open?.answer === "yes" ? Approve : Decline;
  return {
    dialog: open && <Dialog id={open.request.id} name={nameOf(open.request)} onClose={close} />,
    onAnswer: (request, answer) => setOpen({ request, answer }),
  };
}

export function RequestCard({ request, onAnswer }: { request: Request; onAnswer: OnAnswer }) {
  const { t } = useTranslation();
  const may = useMay();
  const name = nameOf(request);
  return (
    <article className={classes.card} aria-label={t("requests.of", { name })}>
      <Icon name="bell" size={22} />
      <div>
        <Text fw={600}><Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: request.user.id }}>{name}</Link> {t("requests.asks")}</Text>
        {request.note && <blockquote className={classes.note}>{request.note}</blockquote>}
        <Text size="sm" c="dimmed"><When at={request.createdAt} relative /> · <Whence login={request.login} /> · <Mono>{request.login.ipAddress}</Mono> · {t("requests.until")} <When at={request.expiresAt} /></Text>
      </div>
      {may("approveTemporaryAccessRequest") && (
        <Group gap="xs" className={classes.answers}>
          <Button onClick={() => onAnswer(request, "yes")}>{t("requests.approve")}</Button>
          <Button variant="default" onClick={() => onAnswer(request, "no")}>{t("requests.decline")}</Button>
        </Group>
      )}
    </article>
  );
}
