/** One tenant by hand, with its first administrator invited; many come from a file. */

import { Alert, Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refusal } from "~/api/faults";
import { useTell } from "~/api/hooks";
import { CreateTenantDocument, type TenantsQuery } from "~/gql/generated/partner";
import type { Environment } from "~/gql/generated/schema";
import { Failure } from "~/ui/Confirm";
import { Dialog } from "~/ui/Dialog";
import { Icon } from "~/ui/Icon";
import { slugOf } from "./slug";

type Template = NonNullable<TenantsQuery["partner"]>["templatePolicy"];
type Props = { template: Template; onClose: () => void };

const ENVIRONMENTS = ["LIVE", "SANDBOX"] as const satisfies readonly Environment[];

export function CreateTenant({ template, onClose }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [typedSlug, setSlug] = useState<string>();
  const [ownerEmail, setOwner] = useState("");
  const [environment, setEnvironment] = useState<Environment>("LIVE");
  const slug = typedSlug ?? slugOf(name);
  const create = useTell(CreateTenantDocument, ({ tenant }) => {
    notifications.show({ icon: <Icon name="check" />, message: t("tenants.created", { name: tenant?.name ?? name, email: ownerEmail }) });
    onClose();
  });
  const refusal = create.error instanceof Refusal ? create.error : undefined;
  return (
    <Dialog onClose={onClose} title={t("tenants.create")}>
      <form onSubmit={(event) => { event.preventDefault(); create.mutate({ input: { name: name.trim(), slug: slug.trim(), ownerEmail: ownerEmail.trim(), environment } }); }}>
        <Stack>
          <TextInput label={t("tenants.name")} required maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} error={refusal?.about("name")} data-autofocus />
          <TextInput label={t("tenants.slug")} description={t("tenants.slug.hint")} required maxLength={63} value={slug} onChange={(event) => setSlug(event.currentTarget.value)} error={refusal?.about("slug")} spellCheck={false} />
          <TextInput label={t("tenants.owner")} description={t("tenants.owner.hint")} type="email" required value={ownerEmail} onChange={(event) => setOwner(event.currentTarget.value)} error={refusal?.about("ownerEmail")} />
          <Radio.Group label={t("tenants.environment")} value={environment} onChange={(value) => setEnvironment(value as Environment)}>
            <Stack gap="xs" mt={4}>{ENVIRONMENTS.map((one) => <Radio key={one} value={one} label={t(`environment.${one}`)} description={t(`environmentText.${one}`)} />)}</Stack>
          </Radio.Group>
          <Start template={template} />
          <Failure error={create.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" loading={create.isPending}>{t("tenants.create")}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What the new tenant starts from. */
function Start({ template }: { template: Template }) {
  const { t } = useTranslation();
  if (!template) return <Alert color="gray" role="note" icon={<Icon name="policy" />}>{t("tenants.start.none")}</Alert>;
  return (
    <Alert color="patina" role="note" icon={<Icon name="policy" />} title={t("tenants.start", { version: template.policy.version })}>
      <Text size="sm">{t("tenants.start.locked", { count: template.lockedFields.length })} <Link from="/partner/$partner" to="/partner/$partner/template/locks">{t("tenants.start.show")}</Link></Text>
    </Alert>
  );
}
