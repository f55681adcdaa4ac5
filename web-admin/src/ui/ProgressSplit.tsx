/** How many users have come how far. */

import { useTranslation } from "react-i18next";
import type { EnrollmentProgress } from "~/gql/generated/schema";
import { Split } from "./charts/Split";
import { useFormats } from "./formats";
import { Empty } from "./Loaded";

type Progress = Pick<EnrollmentProgress, "total" | "enrolled" | "skipped" | "optedOut" | "notEnrolled">;

export function ProgressSplit({ progress }: { progress: Progress }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (progress.total === 0) return <Empty icon="users" title={t("rollout.none.title")}><p>{t("rollout.none.text")}</p></Empty>;
  return (
    <Split label={t("rollout.progress")} {...formats} parts={[
      { name: t("enrollment.ENROLLED"), value: progress.enrolled, color: "var(--allow)" },
      { name: t("enrollment.SKIPPED"), value: progress.skipped, color: "var(--enroll)" },
      { name: t("enrollment.NOT_ENROLLED"), value: progress.notEnrolled, color: "var(--mantine-color-gray-5)" },
      { name: t("enrollment.OPTED_OUT"), value: progress.optedOut, color: "var(--deny)" },
    ]} />
  );
}
