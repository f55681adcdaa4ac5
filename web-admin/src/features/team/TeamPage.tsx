/** Who administers the tenant, and what each may do. */

import { Button, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsk, useTell } from "~/api/hooks";
import { ChangeRoleDocument, TeamDocument } from "~/gql/generated/team";
import type { AdminRole } from "~/gql/generated/schema";
import { useMay } from "~/shell/scope";
import { usePlace } from "~/shell/tenant";
import { Quiet, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";
import { Deeds, DoDeed, nameOf, type Admin, type AdminDeed } from "./deeds";
import { Invite } from "./Invite";
import { Provider } from "./Provider";
import { RoleTable } from "./RoleTable";
import { ROLES } from "./roles";

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
      {asked.data && <Provider provider={asked.data.tenant.identityProvider ?? null} redirectUri={asked.data.tenant.identityProviderRedirectUri} />}
      {inviting && <Invite onClose={invite.close} />}
    </Page>
  );
}

type Deed = { kind: "role"; admin: Admin; role: AdminRole } | { kind: AdminDeed; admin: Admin };

function List({ admins }: { admins: readonly Admin[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const { adminId } = usePlace();
  const [deed, setDeed] = useState<Deed>();
  const editable = may("changeAdminRole");
  const columns: Column<Admin>[] = [
    { label: t("team.name"), plain: true, cell: (admin) => <><strong>{nameOf(admin)}</strong> {admin.id === adminId && <Tag>{t("team.you")}</Tag>}<div><Quiet>{admin.displayName && admin.email}</Quiet></div></> },
    { label: t("team.role"), plain: true, cell: (admin) => editable
      ? <Select aria-label={t("team.roleOf", { name: nameOf(admin) })} w={150} allowDeselect={false} value={admin.role} data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))} onChange={(role) => role && role !== admin.role && setDeed({ kind: "role", admin, role })} />
      : t(`role.${admin.role}`) },
    { label: t("team.lastIn"), cell: (admin) => (
      <>
        {admin.lastSignedInAt ? <When at={admin.lastSignedInAt} /> : <Tag tone="care">{t("team.invited")}</Tag>}
        {admin.resetAt && <div><Tag tone="care">{t("team.resetAt")} <When at={admin.resetAt} /></Tag></div>}
      </>
    ) },
    ...(editable ? [{ label: t("team.do"), plain: true, kind: "fit" as const, cell: (admin: Admin) => <Deeds admin={admin} own={admin.id === adminId} onChoose={(kind) => setDeed({ kind, admin })} /> }] : []),
  ];
  const close = () => setDeed(undefined);
  return (
    <>
      <Rows label={t("team.title")} rows={admins} id={(admin) => admin.id} columns={columns} />
      {deed?.kind === "role" && <ChangeRole admin={deed.admin} role={deed.role} onClose={close} />}
      {deed && deed.kind !== "role" && <DoDeed kind={deed.kind} admin={deed.admin} onClose={close} />}
    </>
  );
}

function ChangeRole({ admin, role, onClose }: { admin: Admin; role: AdminRole; onClose: () => void }) {
  const { t } = useTranslation();
  const change = useTell(ChangeRoleDocument, onClose);
  return (
    <Confirm title={t("team.change", { name: nameOf(admin) })} act={t("team.change.do")} busy={change.isPending} error={change.error}
      onClose={onClose} onConfirm={() => change.mutate({ input: { id: admin.id, role } })}>
      {t("team.change.text", { from: t(`role.${admin.role}`), to: t(`role.${role}`) })} {t(`roleText.${role}`)}
    </Confirm>
  );
}
