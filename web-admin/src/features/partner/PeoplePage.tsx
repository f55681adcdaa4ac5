/** Who answers for the partner. */

import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { PeopleDocument, type PeopleQuery } from "~/gql/generated/partner";
import { Quiet, Tag, When } from "~/ui/bits";
import { Empty, Loaded } from "~/ui/Loaded";
import { Page, Panel } from "~/ui/Page";
import { Rows, type Column } from "~/ui/Rows";

type Person = NonNullable<PeopleQuery["partner"]>["admins"][number];

export function PeoplePage() {
  const { t } = useTranslation();
  const asked = useAsk(PeopleDocument, {});
  return (
    <Page title={t("people.title")} lead={t("people.lead")}>
      <Panel flush><Loaded asked={asked}>{({ partner }) => partner && <List people={partner.admins} />}</Loaded></Panel>
    </Page>
  );
}

function List({ people }: { people: readonly Person[] }) {
  const { t } = useTranslation();
  const columns: Column<Person>[] = [
    { label: t("team.name"), plain: true, cell: ({ displayName, email }) => <><strong>{displayName ?? email}</strong><div><Quiet>{displayName && email}</Quiet></div></> },
    { label: t("team.role"), plain: true, cell: ({ role }) => t(`role.${role}`) },
    { label: t("team.lastIn"), cell: ({ lastSignedInAt }) => lastSignedInAt ? <When at={lastSignedInAt} /> : <Tag tone="care">{t("team.invited")}</Tag> },
  ];
  if (people.length === 0) return <Empty icon="team" title={t("people.none.title")}><p>{t("people.none.text")}</p></Empty>;
  return <Rows label={t("people.title")} rows={people} id={({ id }) => id} columns={columns} />;
}
