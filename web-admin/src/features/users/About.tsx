/** What is on record of a person; the advisor's choice of level is made here. */

import { Group, SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useTell } from "~/api/hooks";
import { ChooseLevelDocument } from "~/gql/generated/users";
import { useMay } from "~/shell/scope";
import { Facts, Mono, Quiet, When } from "~/ui/bits";
import { Failure } from "~/ui/Confirm";
import type { User } from "./words";

export function About({ user }: { user: User }) {
  const { t } = useTranslation();
  const may = useMay();
  const choose = useTell(ChooseLevelDocument);
  const choices = ["STANDARD", "HIGH"] as const;
  return (
    <>
      <Facts of={[
        [t("user.level"), t(`level.${user.securityLevel}`)],
        [t("user.chosen"), user.chosenLevel ? t(`level.${user.chosenLevel}`) : <Quiet>{t("user.chosen.none")}</Quiet>],
        [t("user.advisorLevel"), may("chooseSecurityLevel")
          ? <SegmentedControl size="xs" aria-label={t("user.advisorLevel")} value={user.advisorLevel ?? ""} disabled={choose.isPending}
              data={choices.map((level) => ({ value: level, label: t(`level.${level}`) }))}
              onChange={(level) => { if (level) choose.mutate({ input: { user: { id: user.id }, level } }); }} />
          : user.advisorLevel ? t(`level.${user.advisorLevel}`) : <Quiet>{t("user.chosen.none")}</Quiet>],
        [t("user.advisor"), user.advisor ? (user.advisor.displayName ?? user.advisor.email) : <Quiet>{t("none")}</Quiet>],
        [t("user.requiredFrom"), user.enrollmentRequiredFrom ? <When at={user.enrollmentRequiredFrom} /> : <Quiet>{t("user.noDate")}</Quiet>],
        [t("user.since"), <When at={user.createdAt} />],
        [t("users.externalId"), <Mono>{user.externalId}</Mono>],
      ]} />
      <Group mt="xs"><Failure error={choose.error} /></Group>
    </>
  );
}
