/** The audit log in words. An action that has none yet is shown as it is. */

import type { TFunction } from "i18next";
import type { Formats } from "~/ui/formats";

/** What one can filter by: every action that is written. */
export const ACTIONS = [
  "policy.published", "policy.canceled", "policy.simulated", "policy.simulation_canceled",
  "temporary_access.issued", "temporary_access.revoked", "temporary_access.requested", "temporary_access.approved", "temporary_access.declined",
  "user.created", "user.updated", "user.deleted", "user.locked", "user.unlocked", "user.reset", "user.level_chosen", "user.opted_out", "user.opted_in",
  "factor.enrolled", "factor.confirmed", "factor.removed", "factor.sign_count_regressed", "devices.forgotten",
  "api_key.created", "api_key.revoked",
  "webhook.created", "webhook.deleted", "webhook.secret_rotated", "webhook.tested", "webhook.redelivered", "webhook.disabled", "webhook.enabled",
  "admin.invited", "admin.added", "admin.role_changed", "admin.removed", "admin.signed_in", "admin.sign_in_failed", "admin.signed_out", "admin.sessions_ended",
  "admin.password_changed", "admin.recovery_asked", "admin.recovered", "admin.backup_codes_made", "admin.app_replaced",
  "admin.reset_asked", "admin.reset_canceled", "admin.reset", "admin.passkey_added", "admin.passkey_removed",
  "admin.identity_provider_accepted", "admin.identity_provider_declined",
  "identity_provider.set", "identity_provider.removed", "identity_provider.tested", "identity_provider.linked", "identity_provider.refused",
  "tenant.created", "tenant.updated", "tenant.suspended", "tenant.resumed", "tenant.clock_advanced", "tenant.sign_in_domain_given", "tenant.sign_in_domain_taken",
  "billing.plan_changed", "billing.spending_cap_set",
] as const;

const known = new Set<string>(ACTIONS);

export function nameOf(action: string, t: TFunction): string {
  return known.has(action) ? t(`action.${action as (typeof ACTIONS)[number]}`) : action;
}

/** `admin:ann@firm.example` is Ann; `partner:` is somebody of the partner's. */
export const actorOf = (actor: string) => actor.replace(/^(admin|partner):/, "");

/** `max_skips`, `maxSkips` are the same two words. */
const words = (key: string) => key.replace(/_/g, " ").replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);

function shown(value: unknown, formats: Formats): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "number") return formats.number(value);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? formats.moment(value) : value;
  if (Array.isArray(value)) return value.map((one) => shown(one, formats)).join(", ");
  return JSON.stringify(value);
}

/** A line for each fact of an entry that is worth reading at a glance. */
export function detailOf(detail: unknown, formats: Formats): string[] {
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return [];
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0) && typeof value !== "boolean")
    .slice(0, 5)
    .map(([key, value]) => `${words(key)}: ${shown(value, formats)}`);
}
