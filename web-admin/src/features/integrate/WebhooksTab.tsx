/** Where the firm's software is told of what happens. */

import { Button, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { WebhooksDocument } from "~/gql/generated/integrate";
import { useMay } from "~/shell/scope";
import { Icon } from "~/ui/Icon";
import { Empty, Loaded } from "~/ui/Loaded";
import { Panel } from "~/ui/Page";
import { CreateWebhook } from "./CreateWebhook";
import { Deliveries } from "./Deliveries";
import { EndpointCard } from "./EndpointCard";

export function WebhooksTab() {
  const { t } = useTranslation();
  const may = useMay();
  const { endpoint } = useSearch({ from: "/t/$tenant/integrate/webhooks" });
  const [creating, create] = useDisclosure(false);
  const asked = useAsk(WebhooksDocument, {});
  return (
    <Stack gap="md">
      <Panel title={t("webhooks.title")} hint={t("webhooks.hint")}
        actions={may("createWebhookEndpoint") && <Button leftSection={<Icon name="plus" />} onClick={create.open}>{t("webhooks.create")}</Button>}>
        <Loaded asked={asked}>
          {({ tenant }) => tenant.webhookEndpoints.length === 0
            ? <Empty icon="integrate" title={t("webhooks.none.title")}><p>{t("webhooks.none.text")}</p></Empty>
            : <Stack>{tenant.webhookEndpoints.map((one) => <EndpointCard key={one.id} endpoint={one} />)}</Stack>}
        </Loaded>
      </Panel>
      {endpoint && <Deliveries key={endpoint} endpoint={endpoint} />}
      {creating && <CreateWebhook onClose={create.close} />}
    </Stack>
  );
}
