/** By whose identity providers one may be signed in, for whoever has roles in several places. */

import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { acceptCompany } from "~/features/session/byCompany";
import { Quiet } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import { accountQuery, type OwnCompany } from "./account";
import classes from "./account.module.css";
import { ConfirmSelf } from "./ConfirmSelf";
import { useFresh } from "./fresh";

export function Companies({ email }: { email: string }) {
  const { t } = useTranslation();
  const companies = useQuery(accountQuery).data?.companies ?? [];
  if (companies.length === 0) return null;
  return (
    <Panel title={t("account.companies")} hint={t("account.companies.text")}>
      <ul className={classes.list}>{companies.map((company) => <Line key={company.tenant} company={company} email={email} />)}</ul>
    </Panel>
  );
}

function Line({ company: { tenant, name, accepted }, email }: { company: OwnCompany; email: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const choose = useFresh(acceptCompany, () => client.invalidateQueries(accountQuery));
  return (
    <li className={classes.line}>
      <Icon name="building" size={20} />
      <div className={classes.about}>
        <strong>{name}</strong>
        <div><Quiet>{t(accepted ? "account.companies.yes" : "account.companies.no")}</Quiet></div>
        <Failure error={choose.error} />
      </div>
      <Button size="xs" variant="default" loading={choose.busy} onClick={() => choose.run({ tenant, accepted: !accepted })}>{t(accepted ? "account.companies.decline" : "account.companies.accept")}</Button>
      {choose.asks && <ConfirmSelf email={email} onDone={choose.confirmed} onClose={choose.dropped} />}
    </li>
  );
}
