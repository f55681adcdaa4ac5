// The sequential model. An operation that was not answered may have happened or not: each invariant says how often a
// thing may have happened at least and at most. To add one: a function of the facts that gives violations, and a line here.

import * as answers from "./answers.mjs";
import { Facts } from "./facts.mjs";
import * as login from "./login.mjs";
import * as message from "./message.mjs";
import * as money from "./money.mjs";
import * as record from "./record.mjs";
import * as user from "./user.mjs";

const { toBeTold, ...records } = record;
export { toBeTold };
/** By name, as violations and the results name them. */
export const INVARIANTS = Object.fromEntries(
  Object.entries({ answers, login, user, message, money, record: records }).flatMap(([group, functions]) =>
    Object.entries(functions).map(([name, invariant]) => [`${group}.${name}`, invariant])));

export function judge(facts) {
  return Object.entries(INVARIANTS).flatMap(([invariant, find]) => find(facts).map((found) => ({ invariant, ...found })));
}

/** Judges a run by what was seen of it. */
export function check({ world, final }) {
  const { reads, spent, faults, sandboxTexts, texts, reports } = world;
  return judge(new Facts({ calls: world.history.calls, reads, spent, faults, sandboxTexts, texts, reports, tenants: final.tenants }));
}
