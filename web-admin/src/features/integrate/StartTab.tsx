/** The first query, to paste. */

import { List, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { usePlace } from "~/shell/tenant";
import { Mono, Snippet } from "~/ui/bits";
import { Panel } from "~/ui/Page";

const firstQuery = (origin: string) => `curl -s ${origin}/graphql \\
  -H "Authorization: Bearer $POSTERN_KEY" -H "Content-Type: application/json" \\
  -d '{"query": "{ viewer { ... on ApiKey { name scopes } } tenant { name clock } }"}'`;

const firstLogin = (origin: string) => `curl -s ${origin}/graphql \\
  -H "Authorization: Bearer $POSTERN_KEY" -H "Content-Type: application/json" -d @- <<'JSON'
{"query": "mutation($i: EvaluateLoginInput!) { evaluateLogin(input: $i) { login { id outcome reasons } userErrors { message } } }",
 "variables": {"i": {"user": {"externalId": "ada"}, "firstFactor": "PASSWORD", "ipAddress": "198.51.100.7"}}}
JSON`;

export function StartTab() {
  const { t } = useTranslation();
  const { id, environment } = usePlace();
  const { origin } = window.location;
  return (
    <Stack gap="md">
      <Panel title={t("start.first")} hint={t(`start.hint.${environment}`)}>
        <Stack>
          <List type="ordered" spacing="xs" size="sm">
            <List.Item><Link from="/t/$tenant" to="/t/$tenant/integrate/keys">{t("start.key")}</Link> {t("start.key.text")}</List.Item>
            <List.Item>{t("start.paste")}</List.Item>
          </List>
          <Snippet label={t("start.first")} code={firstQuery(origin)} />
        </Stack>
      </Panel>
      <Panel title={t("start.login")} hint={t("start.login.hint")}><Snippet label={t("start.login")} code={firstLogin(origin)} /></Panel>
      <Panel title={t("start.verify")}>
        <Text size="sm">{t("start.verify.text")}</Text>
        <Text size="sm" mt="xs">{t("start.keys")} <Mono>{origin}/.well-known/jwks.json</Mono></Text>
        <Text size="sm" mt="xs">{t("start.audience")} <Mono>{id}</Mono></Text>
      </Panel>
    </Stack>
  );
}
