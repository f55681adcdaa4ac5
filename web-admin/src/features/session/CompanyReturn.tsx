/** Back from a company's identity provider: what stands in the address is handed on once, and taken out of it. */

import { Alert, Button, Loader, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "~/ui/Icon";
import { complaintText } from "./CodeForm";
import { finishCompany, returnedIn, takeBack, type CompanyAnswer } from "./byCompany";
import { SecondStep } from "./SecondStep";
import { sessionQuery } from "./session";
import { useEnter } from "./SignIn";
import { Stage } from "./Stage";

export function CompanyReturn() {
  const { t } = useTranslation();
  const enter = useEnter();
  const { tenant } = useParams({ from: "/sign-in/company/$tenant" });
  const [returned] = useState(() => returnedIn(tenant, window.location.search));
  const [over, setOver] = useState<Error>();
  const answer = useQuery({ queryKey: ["company", returned], queryFn: () => finishCompany(returned), retry: false, staleTime: Infinity, refetchOnWindowFocus: false, refetchOnReconnect: false });
  const isIn = answer.data?.next === "signed_in";
  useEffect(() => {
    document.title = `${t("company.title")} · ${t("brand.name")}`;
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [t]);
  useEffect(() => { if (isIn) void enter(takeBack()); }, [isIn]); // eslint-disable-line react-hooks/exhaustive-deps
  const why = over ?? answer.error;
  return (
    <Stage>
      <Title order={2}>{t(answer.data?.next === "tested" ? "company.tested.title" : answer.data?.next === "second_factor" ? "signIn.second" : "company.title")}</Title>
      <Stack gap="md">
        {why && <Alert color="brick" icon={<Icon name="warn" />} role="alert">{complaintText(why, t)}</Alert>}
        {!why && (answer.isPending || isIn) && <Text role="status" c="dimmed"><Loader size="xs" mr="xs" />{t("company.returning")}</Text>}
        {!why && answer.data?.next === "second_factor" && <SecondStep methods={answer.data.methods} onIn={() => void enter(takeBack())} onOver={setOver} />}
        {answer.data?.next === "tested" && <Tested tenant={tenant} answer={answer.data} />}
        {why && <Button component={Link} to="/sign-in/company" variant="default">{t("company.again")}</Button>}
        {why && <Button component={Link} to="/sign-in" variant="subtle" color="gray">{t("company.back")}</Button>}
      </Stack>
    </Stage>
  );
}

function Tested({ tenant, answer }: { tenant: string; answer: Extract<CompanyAnswer, { next: "tested" }> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const back = async () => {
    const { tenants } = await client.fetchQuery(sessionQuery);
    const slug = tenants.find((place) => place.id === tenant)?.slug;
    await navigate({ href: slug ? `/t/${slug}/team` : "/", replace: true });
  };
  return (
    <>
      <Alert color="patina" icon={<Icon name="check" />} role="status">
        {t("company.tested.text", { email: answer.email })} {t(answer.secondFactor ? "company.tested.mfa" : "company.tested.noMfa")}
      </Alert>
      <Button onClick={() => void back()}>{t("company.tested.done")}</Button>
    </>
  );
}
