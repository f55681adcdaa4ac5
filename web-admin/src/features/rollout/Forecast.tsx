/** Who will stand outside once it is mandatory. */

import { Alert, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ForecastFragment } from "~/gql/generated/rollout";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";

export function Forecast({ forecast }: { forecast: ForecastFragment }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { notEnrolled, noUsableFactor, users } = forecast;
  const values = { audience: t(`kind.plural.${forecast.kind}`), date: formats.day(forecast.mandatoryFrom) };
  if (notEnrolled + noUsableFactor === 0) return <Alert color="patina" icon={<Icon name="check" />}>{t("forecast.ready", values)}</Alert>;
  return (
    <Alert color={noUsableFactor > 0 ? "brick" : "brass"} icon={<Icon name="warn" />} title={t("forecast.title", values)}>
      {notEnrolled > 0 && <Text size="sm">{t("forecast.notEnrolled", { count: notEnrolled })}</Text>}
      {noUsableFactor > 0 && <Text size="sm">{t("forecast.noUsableFactor", { count: noUsableFactor })}</Text>}
      <Text size="sm" mt="xs">
        {users.edges.map(({ node: user }, index) => (
          <span key={user.id}>{index > 0 && ", "}<Link from="/t/$tenant" to="/t/$tenant/users/$user" params={{ user: user.id }}>{user.displayName ?? user.externalId}</Link></span>
        ))}
        {notEnrolled + noUsableFactor > users.edges.length && " …"}
      </Text>
    </Alert>
  );
}
