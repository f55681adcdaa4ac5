/** Bringing tenants to the template, a few at a time, so that one sees it come along and can stop it. */

import type { RealignMutation, WaveFragment } from "~/gql/generated/partner";

export type Result = WaveFragment;
type Answer = Pick<RealignMutation["realignTenants"], "results" | "tenantsChanged" | "tenantsFailed">;
export type Realign = (tenantIds: string[] | null) => Promise<Answer>;

/** A request begins no further tenant after some seconds: these take much less. */
const AT_ONCE = 20;

/** Those that were chosen, or, without a choice, all that differ: the API reaches as many as it can in a request, and
 * another one goes on from there. */
export async function runWave(realign: Realign, chosen: readonly string[] | null, onResults: (results: readonly Result[]) => void, isStopped: () => boolean): Promise<void> {
  if (chosen === null) return runAll(realign, onResults, isStopped);
  for (let at = 0; at < chosen.length && !isStopped(); at += AT_ONCE) {
    onResults((await realign(chosen.slice(at, at + AT_ONCE))).results ?? []);
  }
}

async function runAll(realign: Realign, onResults: (results: readonly Result[]) => void, isStopped: () => boolean): Promise<void> {
  for (let goesOn = true; goesOn && !isStopped();) {
    const { results, tenantsChanged, tenantsFailed } = await realign(null);
    onResults(results ?? []);
    goesOn = (tenantsChanged ?? 0) > 0 && (tenantsFailed ?? 0) > 0;
  }
}

/** The latest word on each tenant, in the order in which they were first heard of. */
export function merged(before: readonly Result[], fresh: readonly Result[]): Result[] {
  const latest = new Map(before.map((result) => [result.tenant.id, result]));
  for (const result of fresh) latest.set(result.tenant.id, result);
  return [...latest.values()];
}
