/** Which fields of a template no tenant can change. The API names them as paths into a policy; a path to a group,
 * such as `codes`, is all that is below it, and whatever is added to the group one day. */

import type { Draft } from "~/features/policy/model";

export const GROUPS = ["external", "internal", "codes", "risk"] as const;
export type Group = (typeof GROUPS)[number];

const groupOf = (place: string) => GROUPS.find((group) => place.startsWith(`${group}.`));

/** Every field by its path, in the order of the policy. */
export function placesOf(draft: Draft): string[] {
  return Object.entries(draft).flatMap(([name, value]: [string, unknown]) =>
    (GROUPS as readonly string[]).includes(name) ? Object.keys(value as object).map((field) => `${name}.${field}`) : [name]);
}

/** The fields below each of the names. */
export function expanded(names: readonly string[], places: readonly string[]): string[] {
  return places.filter((place) => names.some((name) => place === name || place.startsWith(`${name}.`)));
}

/** A group whose fields are all there, by its own name. */
export function collapsed(locked: readonly string[], places: readonly string[]): string[] {
  const whole = (group: Group | undefined) => group !== undefined && places.filter((place) => groupOf(place) === group).every((place) => locked.includes(place));
  return [...new Set(places.filter((place) => locked.includes(place)).map((place) => {
    const group = groupOf(place);
    return whole(group) && group ? group : place;
  }))];
}

/** What is locked that was free before, and the other way round. */
export function lockChanges(before: readonly string[], after: readonly string[]): { locked: string[]; freed: string[] } {
  return { locked: after.filter((place) => !before.includes(place)), freed: before.filter((place) => !after.includes(place)) };
}
