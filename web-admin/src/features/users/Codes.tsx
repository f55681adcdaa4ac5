/** Temporary access codes that were issued, without the codes. */

import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { RevokeCodeDocument } from "~/gql/generated/users";
import { useMay } from "~/shell/scope";
import { Quiet, Tag, When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import classes from "./users.module.css";
import type { User } from "./words";

type Code = User["temporaryAccessCodes"][number];

function stateOf(code: Code, now: Date) {
  if (code.usedAt) return "used";
  if (code.revokedAt) return "revoked";
  return new Date(code.expiresAt) <= now ? "expired" : "valid";
}

export function Codes({ codes }: { codes: readonly Code[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const formats = useFormats();
  const revoke = useTell(RevokeCodeDocument);
  if (codes.length === 0) return null;
  return (
    <Panel title={t("codes.title")}>
      <ul className={classes.list}>
        {codes.slice(0, 6).map((code) => {
          const state = stateOf(code, formats.now());
          return (
            <li key={code.id} className={classes.line}>
              <Icon name="codes" size={20} />
              <div>
                <strong>{code.reason}</strong>
                <div><Quiet>{t("codes.by", { name: code.issuedBy.replace(/^admin:/, "") })} · <When at={code.createdAt} /></Quiet></div>
              </div>
              <Tag tone={state === "valid" ? "care" : state === "used" ? "good" : "plain"}>{t(`codes.${state}`)}</Tag>
              {state === "valid" && may("revokeTemporaryAccessCode") && <Button size="compact-xs" variant="default" loading={revoke.isPending} onClick={() => revoke.mutate({ input: { id: code.id } })}>{t("codes.revoke")}</Button>}
            </li>
          );
        })}
      </ul>
      <Failure error={revoke.error} />
    </Panel>
  );
}
