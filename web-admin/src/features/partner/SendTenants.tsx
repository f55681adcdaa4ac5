/** A file of tenants to send. */

import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { tellWithFile } from "~/api/upload";
import { SendFile } from "~/features/onboarding/SendFile";
import { ImportTenantsDocument } from "~/gql/generated/partner";
import { useScope } from "~/shell/scope";

const EXAMPLE = `slug,name,owner_email,environment
harbor-wealth,Harbor Wealth,owner@harbor.example,LIVE`;

export function SendTenants({ onSent }: { onSent: (job: string) => void }) {
  const { t } = useTranslation();
  const scope = useScope();
  const [sandboxTwins, setTwins] = useState(false);
  return (
    <SendFile title={t("tenantImports.send")} hint={t("tenantImports.send.hint")} example={EXAMPLE} onSent={onSent}
      send={(file, dryRun) => tellWithFile(scope, ImportTenantsDocument, { dryRun, sandboxTwins }, file)}>
      <Checkbox label={t("tenantImports.twins")} description={t("tenantImports.twins.text")} checked={sandboxTwins} onChange={(event) => setTwins(event.currentTarget.checked)} />
    </SendFile>
  );
}
