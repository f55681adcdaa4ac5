// Answers: INTERNAL means that something of ours is broken. Where nothing was killed lately nobody hears it.

import { violation } from "./facts.mjs";

/** How long after PostgreSQL is back an answer may still be about its being away. */
const AFTERWARDS = 5_000;

export function nothingOfOursIsBroken(facts) {
  const away = facts.faults.filter(({ kind }) => kind === "postgres" || kind === "promote");
  return facts.calls.filter(({ codes }) => codes.includes("INTERNAL"))
    .filter((call) => !away.some(({ begun, ended }) => call.ended > begun && call.begun < ended + AFTERWARDS))
    .map((call) => violation(`${call.name} was answered INTERNAL`, [call]));
}
