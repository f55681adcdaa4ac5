/** What an OWNER does about another administrator, besides another role. */

import { ActionIcon, Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import {
  CancelAdminResetDocument, EndAdminSessionsDocument, RemoveAdminDocument, ResetAdminDocument, type TeamQuery,
} from "~/gql/generated/team";
import { Confirm } from "~/ui/Confirm";
import { Icon, type IconName } from "~/ui/Icon";

export type Admin = TeamQuery["tenant"]["admins"][number];

export type AdminDeed = "endSessions" | "reset" | "keep" | "remove";

export const nameOf = (admin: Admin) => admin.displayName ?? admin.email;

const ICONS: Record<AdminDeed, IconName> = { endSessions: "out", reset: "key", keep: "check", remove: "trash" };

/** Nobody resets themselves, and whoever never came is invited again instead. */
function deedsFor(admin: Admin, own: boolean): readonly AdminDeed[] {
  const resets: AdminDeed[] = own || !admin.lastSignedInAt ? [] : [admin.resetAt ? "keep" : "reset"];
  return [...(admin.lastSignedInAt ? ["endSessions" as const] : []), ...resets, "remove"];
}

type Props = { admin: Admin; own: boolean; onChoose: (deed: AdminDeed) => void };

export function Deeds({ admin, own, onChoose }: Props) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("team.deeds", { name: nameOf(admin) })}><Icon name="more" /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {deedsFor(admin, own).map((deed) => (
          <Menu.Item key={deed} leftSection={<Icon name={ICONS[deed]} />} onClick={() => onChoose(deed)} {...(deed === "remove" ? { color: "brick" } : {})}>{t(`team.${deed}.menu`)}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function DoDeed({ kind, admin, onClose }: { kind: AdminDeed; admin: Admin; onClose: () => void }) {
  const { t } = useTranslation();
  const how = {
    endSessions: useTell(EndAdminSessionsDocument, onClose),
    reset: useTell(ResetAdminDocument, onClose),
    keep: useTell(CancelAdminResetDocument, onClose),
    remove: useTell(RemoveAdminDocument, onClose),
  }[kind];
  return (
    <Confirm title={t(`team.${kind}`, { name: nameOf(admin) })} act={t(`team.${kind}.do`)} danger={kind === "remove" || kind === "reset"}
      busy={how.isPending} error={how.error} onClose={onClose} onConfirm={() => how.mutate({ input: { id: admin.id } })}>
      {t(`team.${kind}.text`)}
    </Confirm>
  );
}
