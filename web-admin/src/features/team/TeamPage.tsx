/** Who administers the tenant, and what each may do. */

import { ActionIcon, Button, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { ChangeRoleDocument, RemoveAdminDocument, TeamDocument, type TeamQuery } from "~/gql/generated/team";
import type { AdminRole } from "~/gql/generated/schema";
import { useMay } from "~/shell/scope";
import { usePlace } from "~/shell/tenant";
import { Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";
import { Invite } from "./Invite";
import { RoleTable } from "./RoleTable";
import { ROLES } from "./roles";

type Admin = TeamQuery["tenant"]["admins"][number];

export function TeamPage() {
  const { t } = useTranslation();
  const may = useMay();
  const [inviting, invite] = useDisclosure(false);
  const asked = useAsk(TeamDocument, {});
  return (
    <Page title={t("team.title")} lead={t("team.lead")}
      actions={may("inviteAdmin") && <Button leftSection={<Icon name="plus" />} onClick={invite.open}>{t("team.invite")}</Button>}>
      <Panel flush><Loaded asked={asked}>{({ tenant }) => <List admins={tenant.admins} />}</Loaded></Panel>
      <RoleTable />
      {inviting && <Invite onClose={invite.close} />}
    </Page>
  );
}

function List({ admins }: { admins: readonly Admin[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const { adminId } = usePlace();
  const [change, setChange] = useState<{ admin: Admin; role: AdminRole }>();
  const [leaving, setLeaving] = useState<Admin>();
  const changes = useTell(ChangeRoleDocument, () => setChange(undefined));
  const removal = useTell(RemoveAdminDocument, () => setLeaving(undefined));
  const editable = may("changeAdminRole");
  const name = (admin: Admin) => admin.displayName ?? admin.email;
  const columns: Column<Admin>[] = [
    { label: t("team.name"), plain: true, cell: (admin) => <><strong>{name(admin)}</strong> {admin.id === adminId && <Tag>{t("team.you")}</Tag>}<div><Quiet>{admin.displayName && admin.email}</Quiet></div></> },
    { label: t("team.role"), plain: true, cell: (admin) => editable
      ? <Select aria-label={t("team.roleOf", { name: name(admin) })} w={150} allowDeselect={false} value={admin.role} data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))} onChange={(role) => role && role !== admin.role && setChange({ admin, role })} />
      : t(`role.${admin.role}`) },
    { label: t("team.lastIn"), cell: (admin) => admin.lastSignedInAt ? <When at={admin.lastSignedInAt} /> : <Tag tone="care">{t("team.invited")}</Tag> },
    ...(editable ? [{ label: t("team.do"), plain: true, kind: "fit" as const, cell: (admin: Admin) => <ActionIcon variant="subtle" color="gray" aria-label={t("team.remove", { name: name(admin) })} onClick={() => setLeaving(admin)}><Icon name="trash" /></ActionIcon> }] : []),
  ];
  return (
    <>
      <Rows label={t("team.title")} rows={admins} id={(admin) => admin.id} columns={columns} />
      {change && (
        <Confirm title={t("team.change", { name: name(change.admin) })} act={t("team.change.do")} busy={changes.isPending} error={changes.error}
          onClose={() => { changes.reset(); setChange(undefined); }} onConfirm={() => changes.mutate({ input: { id: change.admin.id, role: change.role } })}>
          {t("team.change.text", { from: t(`role.${change.admin.role}`), to: t(`role.${change.role}`) })} {t(`roleText.${change.role}`)}
        </Confirm>
      )}
      {leaving && (
        <Confirm title={t("team.remove", { name: name(leaving) })} act={t("remove")} danger busy={removal.isPending} error={removal.error}
          onClose={() => { removal.reset(); setLeaving(undefined); }} onConfirm={() => removal.mutate({ input: { id: leaving.id } })}>{t("team.remove.text")}</Confirm>
      )}
    </>
  );
}
