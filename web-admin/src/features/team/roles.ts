import type { AdminRole } from "~/gql/generated/schema";

/** From the one who may most. */
export const ROLES = ["OWNER", "ADMIN", "SUPPORT", "ADVISOR", "BILLING", "AUDITOR"] as const satisfies readonly AdminRole[];
