/** Going into a tenant of a partner's: whoever answers for the partner has the same role in each of them. */

import { ask } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { Partnership, Place, Session } from "~/features/session/session";
import { FindTenantDocument, type FindTenantQuery, type TenantRowFragment } from "~/gql/generated/partner";

/** The list is searched, since a slug is part of many others. */
async function find(partner: Partnership, slug: string): Promise<TenantRowFragment | null> {
  for (let after: string | null = null; ;) {
    const answer: FindTenantQuery = await ask(partner.id, FindTenantDocument, { search: slug, after });
    const page = answer.partner?.tenants;
    const found = page?.edges.find(({ node }) => node.slug === slug);
    if (found) return found.node;
    if (!page?.pageInfo.hasNextPage) return null;
    after = page.pageInfo.endCursor;
  }
}

/** The tenant of that name, if it belongs to a partner for which the person answers. */
export async function placeThroughPartner({ partners }: Session, slug: string): Promise<Place | undefined> {
  for (const partner of partners) {
    const found = await queryClient.fetchQuery({ queryKey: ["place", partner.id, slug], queryFn: () => find(partner, slug), staleTime: 60_000 });
    if (found) return { id: found.id, slug, name: found.name, environment: found.environment, adminId: partner.adminId, role: partner.role, partner };
  }
  return undefined;
}
