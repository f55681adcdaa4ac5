/** Users and what they can prove, in words and marks. */

import { Group, Tooltip, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { UserQuery } from "~/gql/generated/users";
import type { EnrollmentState, FactorStatus, UserStatus } from "~/gql/generated/schema";
import { Tag, type Tone } from "~/ui/bits";
import { Icon, type IconName } from "~/ui/Icon";

export type User = NonNullable<UserQuery["user"]>;
export type Factor = User["factors"][number];

const ENROLLMENT_TONES: Record<EnrollmentState, Tone> = { ENROLLED: "good", SKIPPED: "care", NOT_ENROLLED: "plain", OPTED_OUT: "bad" };

export function EnrollmentTag({ state }: { state: EnrollmentState }) {
  const { t } = useTranslation();
  return <Tag tone={ENROLLMENT_TONES[state]}>{t(`enrollment.${state}`)}</Tag>;
}

export function StatusTag({ status }: { status: UserStatus }) {
  const { t } = useTranslation();
  if (status === "ACTIVE") return null;
  return <Tag tone={status === "LOCKED" ? "bad" : "plain"}>{t(`userStatus.${status}`)}</Tag>;
}

const FACTOR_ICONS: Record<Factor["__typename"], IconName> = { PhoneFactor: "phone", EmailFactor: "mail", TotpFactor: "app", PasskeyFactor: "key", BackupCodesFactor: "codes" };

export const factorIcon = (kind: string): IconName => FACTOR_ICONS[kind as Factor["__typename"]] ?? "key";

export function FactorIcons({ factors }: { factors: readonly { id: string; __typename: string; status: FactorStatus }[] }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} component="span" display="inline-flex" style={{ verticalAlign: "text-bottom" }}>
      {factors.filter((factor) => factor.status !== "PENDING").map((factor) => {
        const name = t(`factor.${factor.__typename as Factor["__typename"]}`);
        return <Tooltip key={factor.id} label={name}><span><Icon name={factorIcon(factor.__typename)} /><VisuallyHidden>{name}</VisuallyHidden></span></Tooltip>;
      })}
    </Group>
  );
}

/** A factor as its owner would name it. */
export function useFactorName() {
  const { t } = useTranslation();
  return (factor: Factor) => {
    if (factor.__typename === "PhoneFactor") return t(`phone.${factor.role}`);
    if (factor.__typename === "BackupCodesFactor") return t("factor.backupCodes", { count: factor.remaining });
    if (factor.__typename === "PasskeyFactor") return t("factor.passkey", { name: factor.name });
    return t(`factor.${factor.__typename}`);
  };
}
