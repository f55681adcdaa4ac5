/** What the person can prove. */

import { ActionIcon } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { RemoveFactorDocument } from "~/gql/generated/users";
import { useMay } from "~/shell/scope";
import { Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Empty } from "~/ui/Loaded";
import classes from "./users.module.css";
import { factorIcon, useFactorName, type Factor, type User } from "./words";

export function Factors({ user }: { user: User }) {
  const { t } = useTranslation();
  const may = useMay();
  const name = useFactorName();
  const [leaving, setLeaving] = useState<Factor>();
  const remove = useTell(RemoveFactorDocument, () => setLeaving(undefined));
  if (user.factors.length === 0) return <Empty icon="key" title={t("user.factors.none")} />;
  return (
    <>
      <ul className={classes.list}>
        {user.factors.map((factor) => (
          <li key={factor.id} className={classes.line}>
            <Icon name={factorIcon(factor.__typename)} size={20} />
            <div>
              <strong>{name(factor)}</strong> {factor.status !== "ACTIVE" && <Tag tone="care">{t(`factorStatus.${factor.status}`)}</Tag>}
              <div>{"destination" in factor && <>{factor.destination} {factor.__typename === "PhoneFactor" && factor.line === "LANDLINE" && `(${t("phone.landline")})`}</>}</div>
              <Quiet>{factor.lastUsedAt ? <>{t("user.factors.used")} <When at={factor.lastUsedAt} relative /></> : t("user.factors.unused")}</Quiet>
            </div>
            {may("removeFactor") && (
              <ActionIcon variant="subtle" color="gray" aria-label={t("user.factors.remove", { name: name(factor) })} onClick={() => setLeaving(factor)}><Icon name="trash" /></ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {leaving && (
        <Confirm title={t("user.factors.remove", { name: name(leaving) })} act={t("remove")} danger busy={remove.isPending} error={remove.error}
          onClose={() => { remove.reset(); setLeaving(undefined); }} onConfirm={() => remove.mutate({ input: { factorId: leaving.id } })}>
          {t("user.factors.remove.text")}
        </Confirm>
      )}
    </>
  );
}
