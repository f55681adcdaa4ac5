/** Locking, unlocking, resetting and erasing a person, each after a question and with a reason. */

import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { DeleteUserDocument, LockDocument, ResetDocument, UnlockDocument } from "~/gql/generated/users";
import { Confirm } from "~/ui/Confirm";
import { CodeGiven } from "./CodeGiven";
import type { User } from "./words";

type Props = { user: User; onClose: () => void };

export function LockUser({ user, onClose }: Props) {
  const { t } = useTranslation();
  const lock = useTell(LockDocument, onClose);
  return (
    <Confirm title={t("deed.lock")} act={t("deed.lock")} danger reason={t("deed.reason")} busy={lock.isPending} error={lock.error} onClose={onClose}
      onConfirm={(reason) => lock.mutate({ input: { user: { id: user.id }, reason } })}>{t("deed.lock.text")}</Confirm>
  );
}

export function UnlockUser({ user, onClose }: Props) {
  const { t } = useTranslation();
  const unlock = useTell(UnlockDocument, onClose);
  return (
    <Confirm title={t("deed.unlock")} act={t("deed.unlock")} reason={t("deed.reason")} busy={unlock.isPending} error={unlock.error} onClose={onClose}
      onConfirm={(reason) => unlock.mutate({ input: { user: { id: user.id }, reason } })}>{t("deed.unlock.text")}</Confirm>
  );
}

export function ResetUser({ user, onClose }: Props) {
  const { t } = useTranslation();
  const reset = useTell(ResetDocument);
  if (reset.data?.code) return <CodeGiven code={reset.data.code} title={t("deed.reset.done")} text={t("deed.reset.read")} onClose={onClose} />;
  return (
    <Confirm title={t("deed.reset")} act={t("deed.reset")} danger reason={t("deed.reason")} busy={reset.isPending} error={reset.error} onClose={onClose}
      onConfirm={(reason) => reset.mutate({ input: { user: { id: user.id }, reason } })}>{t("deed.reset.text")}</Confirm>
  );
}

export function DeleteUser({ user, onClose }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const erase = useTell(DeleteUserDocument, () => void navigate({ from: "/t/$tenant", to: "/t/$tenant/users" }));
  return (
    <Confirm title={t("deed.delete")} act={t("deed.delete")} danger word={user.externalId} busy={erase.isPending} error={erase.error} onClose={onClose}
      onConfirm={() => erase.mutate({ input: { user: { id: user.id } } })}>{t("deed.delete.text")}</Confirm>
  );
}
