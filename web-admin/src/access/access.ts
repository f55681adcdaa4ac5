/** Who may do what, from docs/authorization-matrix.txt: what a role may not do is not shown. */

import { PARTNER_ROLES_OF, ROLES_OF } from "~/gql/generated/access";
import type { AdminRole } from "~/gql/generated/schema";

export type Power = keyof typeof ROLES_OF;

/** A role in a tenant; with `p.`, that of somebody who answers for a partner, for itself and in its tenants. */
export type Holder = AdminRole | `p.${AdminRole}`;

export function may(holder: Holder, power: Power): boolean {
  const allowed = holder.startsWith("p.") ? PARTNER_ROLES_OF[power] : ROLES_OF[power];
  return (allowed as readonly string[]).includes(holder.replace("p.", ""));
}
