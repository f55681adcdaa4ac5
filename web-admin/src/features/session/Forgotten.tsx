/** A password that was forgotten: where the link shall go. */

import { Alert, Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { complaintText } from "./CodeForm";
import { Stage } from "./Stage";
import { askForLink } from "./steps";

export function Forgotten() {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const asked = useMutation({ mutationFn: () => askForLink(email.trim()) });
  useEffect(() => { document.title = `${t("forgotten.title")} · ${t("brand.name")}`; }, [t]);
  return (
    <Stage>
      <Title order={2}>{t("forgotten.title")}</Title>
      <Stack gap="md">
        {asked.isSuccess ? (
          <Alert color="patina" icon={<Icon name="mail" />} role="status">{t("forgotten.sent")}</Alert>
        ) : (
          <form onSubmit={(event) => { event.preventDefault(); asked.mutate(); }}>
            <Stack gap="md">
              <Text size="sm" c="dimmed">{t("forgotten.text")}</Text>
              <TextInput label={t("signIn.email")} type="email" autoComplete="username" required autoFocus size="md" value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
              {asked.error && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(asked.error, t)}</Alert>}
              <Button type="submit" fullWidth size="md" loading={asked.isPending}>{t("forgotten.go")}</Button>
            </Stack>
          </form>
        )}
        <Button variant="subtle" color="gray" component={Link} to="/sign-in">{t("forgotten.back")}</Button>
      </Stack>
    </Stage>
  );
}
