/** A file of users to send. */

import { Checkbox } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { tellWithFile } from "~/api/upload";
import { ImportUsersDocument } from "~/gql/generated/onboarding";
import { useScope } from "~/shell/scope";
import { SendFile } from "./SendFile";

const EXAMPLE = `external_id,kind,display_name,email,phone,advisor_email
C-1001,EXTERNAL,Ada Byron,ada@example.com,+14155550132,avery@firm.example`;

export function Send({ onSent }: { onSent: (job: string) => void }) {
  const { t } = useTranslation();
  const scope = useScope();
  const [trustContacts, setTrustContacts] = useState(false);
  return (
    <SendFile title={t("onboarding.send")} hint={t("onboarding.send.hint")} example={EXAMPLE} onSent={onSent}
      send={(file, dryRun) => tellWithFile(scope, ImportUsersDocument, { dryRun, trustContacts }, file)}>
      <Checkbox label={t("onboarding.trust")} description={t("onboarding.trust.text")} checked={trustContacts} onChange={(event) => setTrustContacts(event.currentTarget.checked)} />
    </SendFile>
  );
}
