/** Signing in with one's company: its name, and then its own page. */

import { Alert, Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { complaintText } from "./CodeForm";
import { beginCompany } from "./byCompany";
import { Stage } from "./Stage";

export function Company() {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const begin = useMutation({
    mutationFn: () => beginCompany(name.trim()),
    onSuccess: ({ goTo }) => window.location.assign(goTo),
  });
  useEffect(() => { document.title = `${t("company.title")} · ${t("brand.name")}`; }, [t]);
  return (
    <Stage>
      <Title order={2}>{t("company.title")}</Title>
      <Stack gap="md">
        <form onSubmit={(event) => { event.preventDefault(); begin.mutate(); }}>
          <Stack gap="md">
            <Text size="sm" c="dimmed">{t("company.text")}</Text>
            <TextInput label={t("company.name")} description={t("company.name.hint")} autoComplete="username" autoCapitalize="none" spellCheck={false}
              required autoFocus size="md" value={name} onChange={(event) => setName(event.currentTarget.value)} />
            {begin.error && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(begin.error, t)}</Alert>}
            <Button type="submit" fullWidth size="md" loading={begin.isPending || begin.isSuccess}>{t("signIn.go")}</Button>
          </Stack>
        </form>
        <Button variant="subtle" color="gray" component={Link} to="/sign-in">{t("company.back")}</Button>
      </Stack>
    </Stage>
  );
}
