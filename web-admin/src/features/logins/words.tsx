/** A login in words. */

import { useTranslation } from "react-i18next";
import type { LoginRowFragment } from "~/gql/generated/logins";
import type { DecisionReason } from "~/gql/generated/schema";
import { useFormats } from "~/ui/formats";

/** Why it was decided so. */
export function Reasons({ of }: { of: readonly DecisionReason[] }) {
  const { t } = useTranslation();
  return <>{of.map((reason) => t(`reason.${reason}`)).join(" ")}</>;
}

/** From where, as well as it is known. */
export function Whence({ login }: { login: Pick<LoginRowFragment, "location" | "ipAddress"> }) {
  const formats = useFormats();
  const { city, country } = login.location ?? {};
  const place = [city, country && formats.country(country)].filter(Boolean).join(", ");
  return <>{place || login.ipAddress}</>;
}

/** How it ended. */
export function useEnding() {
  const { t } = useTranslation();
  return (login: Pick<LoginRowFragment, "outcome" | "completedAt" | "completedWith">) => {
    if (login.completedWith) return t(`ended.${login.completedWith}`);
    if (login.completedAt) return t("ended.allowed");
    return t(login.outcome === "DENY" ? "ended.denied" : "ended.open");
  };
}
