/** The plans on offer, and the one in force. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { ChangePlanDocument } from "~/gql/generated/billing";
import { useMay } from "~/shell/scope";
import { Quiet, Tag } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Panel } from "~/ui/Page";
import users from "~/features/users/users.module.css";
import type { Account } from "./BillingPage";

type Plan = Account["plan"];

export function Plans({ account }: { account: Account }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const [wanted, setWanted] = useState<Plan>();
  const change = useTell(ChangePlanDocument, () => setWanted(undefined));
  const plans = account.offeredPlans.some((plan) => plan.code === account.plan.code) ? account.offeredPlans : [account.plan, ...account.offeredPlans];
  return (
    <Panel title={t("billing.plans")}>
      <ul className={users.list}>
        {plans.map((plan) => (
          <li key={plan.code} className={users.line}>
            <div>
              <strong>{plan.name}</strong>
              <div><Quiet>{t("billing.plan.text", { fee: formats.money(plan.monthly.amount, plan.monthly.currency), units: formats.number(plan.includedUnits) })}</Quiet></div>
            </div>
            {plan.code === account.plan.code ? <Tag tone="good">{t("billing.plan.current")}</Tag>
              : may("changePlan") && <Button size="xs" variant="default" onClick={() => setWanted(plan)}>{t("billing.plan.choose")}</Button>}
          </li>
        ))}
      </ul>
      {wanted && (
        <Confirm title={t("billing.plan.change", { name: wanted.name })} act={t("billing.plan.choose")} busy={change.isPending} error={change.error}
          onClose={() => { change.reset(); setWanted(undefined); }} onConfirm={() => change.mutate({ input: { planCode: wanted.code } })}>{t("billing.plan.change.text")}</Confirm>
      )}
    </Panel>
  );
}
