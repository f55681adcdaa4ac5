/** The tenant's own identity provider: as it is, a test of it, its end. */

import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { testProvider } from "~/features/session/byCompany";
import { RemoveProviderDocument, type TeamQuery } from "~/gql/generated/team";
import { useMay } from "~/shell/scope";
import { usePlace } from "~/shell/tenant";
import { Facts, Mono, Quiet, Tag, When } from "~/ui/bits";
import { Confirm, Failure } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import { ProviderForm } from "./ProviderForm";

export type Known = NonNullable<TeamQuery["tenant"]["identityProvider"]>;

type Props = { provider: Known | null; redirectUri: string };

export function Provider({ provider, redirectUri }: Props) {
  const { t } = useTranslation();
  const may = useMay()("setIdentityProvider");
  const { id } = usePlace();
  const [doing, setDoing] = useState<"set" | "remove">();
  const test = useMutation({ mutationFn: () => testProvider(id), onSuccess: ({ goTo }) => window.location.assign(goTo) });
  const close = () => setDoing(undefined);
  return (
    <div style={{ marginTop: "1rem" }}>
      <Panel title={t("provider.title")} hint={t("provider.hint")}>
        <Stack gap="md">
          {provider ? <Shown provider={provider} /> : <Quiet>{t("provider.none")}</Quiet>}
          <Failure error={test.error} />
          {may && (
            <Group gap="xs">
              <Button variant={provider ? "default" : "filled"} onClick={() => setDoing("set")}>{t(provider ? "provider.change" : "provider.setUp")}</Button>
              {provider && <Button variant="default" leftSection={<Icon name="check" />} loading={test.isPending || test.isSuccess} onClick={() => test.mutate()}>{t("provider.test")}</Button>}
              {provider && <Button variant="subtle" color="brick" onClick={() => setDoing("remove")}>{t("provider.remove")}</Button>}
            </Group>
          )}
        </Stack>
      </Panel>
      {doing === "set" && <ProviderForm provider={provider} redirectUri={redirectUri} onClose={close} />}
      {doing === "remove" && provider && <Remove issuer={provider.issuer} onClose={close} />}
    </div>
  );
}

function Shown({ provider }: { provider: Known }) {
  const { t } = useTranslation();
  return (
    <Facts of={[
      [t("provider.issuer"), <Mono key="issuer">{provider.issuer}</Mono>],
      [t("provider.clientId"), <Mono key="client">{provider.clientId}</Mono>],
      [t("provider.domains"), provider.domains.join(", ")],
      [t("provider.secondFactor"), t(`provider.secondFactor.${provider.secondFactor}`)],
      [t("provider.passwords"), t(provider.passwordAllowed ? "provider.passwords.allowed" : "provider.passwords.owners")],
      [t("provider.tested"), provider.testedAt ? <When key="tested" at={provider.testedAt} /> : <Tag key="tested" tone="care">{t("provider.untested")}</Tag>],
    ]} />
  );
}

function Remove({ issuer, onClose }: { issuer: string; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useTell(RemoveProviderDocument, onClose);
  return (
    <Confirm title={t("provider.remove.title")} act={t("provider.remove")} danger busy={remove.isPending} error={remove.error}
      onClose={onClose} onConfirm={() => remove.mutate({ input: { issuer } })}>
      {t("provider.remove.text")}
    </Confirm>
  );
}
