/** One endpoint: how it fares, and what can be done with it. */

import { Button, Group, Menu, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { DeleteWebhookDocument, RotateWebhookDocument, TestWebhookDocument, type WebhooksQuery } from "~/gql/generated/integrate";
import { useMay } from "~/shell/scope";
import { Mono, Quiet, Secret, Tag, When } from "~/ui/bits";
import { Confirm } from "~/ui/Confirm";
import { Icon } from "~/ui/Icon";
import { Dialog } from "~/ui/Dialog";
import classes from "./integrate.module.css";

type Endpoint = WebhooksQuery["tenant"]["webhookEndpoints"][number];

function Health({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  if (endpoint.disabledAt) return <Tag tone="bad">{t("webhooks.disabled")}</Tag>;
  if (endpoint.failingSince) return <><Tag tone="care">{t("webhooks.failing")}</Tag> <Quiet><When at={endpoint.failingSince} relative /></Quiet></>;
  if (endpoint.lastDeliveryAt) return <><Tag tone="good">{t("webhooks.working")}</Tag> <Quiet>{t("webhooks.last")} <When at={endpoint.lastDeliveryAt} relative /></Quiet></>;
  return <Tag>{t("webhooks.untried")}</Tag>;
}

export function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  const may = useMay();
  const test = useTell(TestWebhookDocument, () => notifications.show({ message: t("webhooks.tested") }));
  return (
    <article className={classes.endpoint}>
      <div>
        <Mono>{endpoint.url}</Mono>
        <Text size="sm" mt={4}><Health endpoint={endpoint} /></Text>
        <Text size="sm" c="dimmed" mt={4}>{endpoint.events.length === 0 ? t("webhooks.all") : endpoint.events.map((event) => t(`event.${event}`)).join(", ")}</Text>
      </div>
      <Group gap="xs">
        <Button size="xs" variant="default" component={Link} to="." search={{ endpoint: endpoint.id } as never}>{t("webhooks.deliveries")}</Button>
        {may("testWebhookEndpoint") && <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate({ input: { id: endpoint.id } })}>{t("webhooks.test")}</Button>}
        {may("rotateWebhookSecret") && <More endpoint={endpoint} />}
      </Group>
    </article>
  );
}

function More({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"rotate" | "delete">();
  const close = () => setAsking(undefined);
  const rotate = useTell(RotateWebhookDocument);
  const remove = useTell(DeleteWebhookDocument, close);
  const input = { input: { id: endpoint.id } };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target><Button size="xs" variant="default" rightSection={<Icon name="down" size={14} />}>{t("deed.more")}</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="key" />} onClick={() => setAsking("rotate")}>{t("webhooks.rotate")}</Menu.Item>
          <Menu.Item leftSection={<Icon name="trash" />} color="brick" onClick={() => setAsking("delete")}>{t("webhooks.delete")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "rotate" && !rotate.data?.secret && (
        <Confirm title={t("webhooks.rotate")} act={t("webhooks.rotate")} busy={rotate.isPending} error={rotate.error} onClose={close} onConfirm={() => rotate.mutate(input)}>{t("webhooks.rotate.text")}</Confirm>
      )}
      {asking === "rotate" && rotate.data?.secret && (
        <Dialog onClose={() => { close(); rotate.reset(); }} title={t("webhooks.secret")} size="lg" closeOnClickOutside={false}>
          <Stack><Text size="sm">{t("webhooks.rotated")}</Text><Secret value={rotate.data.secret} /></Stack>
        </Dialog>
      )}
      {asking === "delete" && (
        <Confirm title={t("webhooks.delete")} act={t("webhooks.delete")} danger busy={remove.isPending} error={remove.error} onClose={close} onConfirm={() => remove.mutate(input)}>
          {t("webhooks.delete.text", { url: endpoint.url })}
        </Confirm>
      )}
    </>
  );
}
