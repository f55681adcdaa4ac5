/** Why a step of the sign-in was not taken, in words. */

import type { TFunction } from "i18next";
import { Fault } from "~/api/faults";

/** After these the sign-in begins anew. */
const OVER = new Set(["UNAUTHENTICATED", "NOT_FOUND", "EXPIRED", "TOO_MANY_ATTEMPTS", "USER_LOCKED", "ALREADY_COMPLETED"]);

export const isOver = (error: Error): error is Fault => error instanceof Fault && OVER.has(error.code);

export function complaintText(error: Error, t: TFunction): string {
  if (!(error instanceof Fault)) return t("fault.INTERNAL.title");
  const left = error.details.attemptsRemaining;
  if (error.code === "WRONG_CODE" && left !== undefined) return t("signIn.wrongCode", { count: left });
  if (error.details.reason === "IDENTITY_PROVIDER_REQUIRED") return t("company.wanted");
  if (error.code === "UNAUTHENTICATED") return t("signIn.wrong");
  if (error.code === "RATE_LIMITED") return t("signIn.tooOften", { count: error.details.retryAfterSeconds ?? 60 });
  if (error.code === "NO_CONNECTION") return t("fault.NO_CONNECTION.text");
  return error.message || t("fault.INTERNAL.title");
}
