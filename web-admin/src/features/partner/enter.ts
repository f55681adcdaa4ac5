/** Going into a tenant of a partner's: whoever answers for the partner has the same role in each of them. */

import { ask } from "~/api/client";
import type { Partnership, Place, Session } from "~/features/session/session";
import { FindTenantDocument, type FindTenantQuery } from "~/gql/generated/partner";

type Found = Pick<Place, "id" | "name" | "environment">;

/** What was found once is kept by the browser's tab: a page that is loaded anew asks no fourth question. Whether
 * one may go there is the server's to say, each time. */
const keyOf = (partner: Partnership, slug: string) => `place:${partner.id}:${slug}`;

/** The list is searched to its end, since a slug is part of many others. */
async function find(partner: Partnership, slug: string): Promise<Found | null> {
  for (let after: string | null = null; ;) {
    const answer: FindTenantQuery = await ask(partner.id, FindTenantDocument, { search: slug, after });
    const page = answer.partner?.tenants;
    const found = page?.edges.find(({ node }) => node.slug === slug);
    if (found) return found.node;
    if (!page?.pageInfo.hasNextPage) return null;
    after = page.pageInfo.endCursor;
  }
}

async function known(partner: Partnership, slug: string): Promise<Found | null> {
  const kept = sessionStorage.getItem(keyOf(partner, slug));
  if (kept) return JSON.parse(kept) as Found;
  const found = await find(partner, slug);
  if (found) sessionStorage.setItem(keyOf(partner, slug), JSON.stringify(found));
  return found;
}

/** The tenant of that name, if it belongs to a partner for which the person answers. */
export async function placeThroughPartner({ partners }: Session, slug: string): Promise<Place | undefined> {
  for (const partner of partners) {
    const found = await known(partner, slug);
    if (found) return { id: found.id, name: found.name, environment: found.environment, slug, adminId: partner.adminId, role: partner.role, partner };
  }
  return undefined;
}
