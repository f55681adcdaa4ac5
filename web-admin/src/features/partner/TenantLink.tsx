import { Link } from "@tanstack/react-router";
import type { TenantRowFragment } from "~/gql/generated/partner";

/** The way into a tenant. */
export function TenantLink({ tenant }: { tenant: Pick<TenantRowFragment, "slug" | "name"> }) {
  return <Link to="/t/$tenant" params={{ tenant: tenant.slug }}>{tenant.name}</Link>;
}
