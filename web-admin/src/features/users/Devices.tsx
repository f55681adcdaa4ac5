/** Browsers that need no second factor for a while. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { ForgetDocument } from "~/gql/generated/users";
import { useMay } from "~/shell/scope";
import { Quiet, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import { browserOf } from "./browser";
import classes from "./users.module.css";
import type { User } from "./words";

export function Devices({ user }: { user: User }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const forget = useTell(ForgetDocument, () => setAsking(false));
  if (user.trustedDevices.length === 0) return null;
  return (
    <Panel title={t("user.devices")} actions={may("forgetDevices") && <Button size="xs" variant="default" onClick={() => setAsking(true)}>{t("user.devices.forget")}</Button>}>
      <ul className={classes.list}>
        {user.trustedDevices.map((device) => (
          <li key={device.id} className={classes.line}>
            <Icon name="device" size={20} />
            <div title={device.userAgent ?? ""}><strong>{browserOf(device.userAgent) ?? t("user.devices.unknown")}</strong><div><Quiet>{t("user.devices.until")} <When at={device.expiresAt} /></Quiet></div></div>
          </li>
        ))}
      </ul>
      {asking && (
        <Confirm title={t("user.devices.forget")} act={t("user.devices.forget")} busy={forget.isPending} error={forget.error} onClose={() => setAsking(false)}
          onConfirm={() => forget.mutate({ input: { user: { id: user.id } } })}>{t("user.devices.forget.text")}</Confirm>
      )}
    </Panel>
  );
}
