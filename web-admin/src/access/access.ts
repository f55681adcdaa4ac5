/** Who may do what, from docs/authorization-matrix.txt: what a role may not do is not shown. */

import { ROLES_OF } from "~/gql/generated/access";
import type { AdminRole } from "~/gql/generated/schema";

export type Power = keyof typeof ROLES_OF;

export function may(role: AdminRole, power: Power): boolean {
  return (ROLES_OF[power] as readonly AdminRole[]).includes(role);
}
