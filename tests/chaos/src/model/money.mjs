// Money: one charge for a message that was taken, none for any other; and never past the cap.

import { done, unknown, violation } from "./facts.mjs";

const BILLED = new Set(["CODE", "ONE_TIME_LINK", "ENROLLMENT_REMINDER"]);
/** Of a text of one segment and a call to the United States, in ten-thousandths of a dollar. */
const PRICE = { SMS: 79, VOICE: 130 };

const tenThousandths = (amount) => Math.round(Number(amount) * 10_000);
const live = (facts) => facts.tenants.filter(({ tenant }) => tenant.environment === "LIVE");
const taken = ({ timeline }) => timeline.some(({ status }) => status === "ACCEPTED" || status === "DELIVERED");
const unitsOf = (usage, channel) => usage.filter((point) => point.channel === channel).reduce((sum, { units }) => sum + units, 0);

/** As many units as messages that were taken: each once. */
export function chargedOnce(facts) {
  return live(facts).flatMap(({ tenant, messages, usage }) => Object.keys(PRICE).flatMap((channel) => {
    const accepted = messages.filter((message) => message.channel === channel && BILLED.has(message.purpose) && taken(message)).length;
    const charged = unitsOf(usage, channel);
    return charged === accepted ? [] : [violation(`${tenant.name}: ${charged} units of ${channel} charged, ${accepted} messages taken`)];
  }));
}

/** What is charged lies between what the provider surely and what it perhaps took for us. */
export function chargedForWhatWasTaken(facts) {
  return live(facts).flatMap(({ tenant, messages, usage }) => {
    const billed = new Set(messages.filter(({ purpose }) => BILLED.has(purpose)).map(({ id }) => id));
    const mine = facts.texts.filter((text) => text.tenant === tenant.id && billed.has(text.message));
    const most = new Set(mine.filter(({ took }) => took).map(({ message }) => message));
    // A report that was noted is known to us for good; one of failure may have come first.
    const noted = facts.reports.filter((report) => report.tenant === tenant.id && report.noted && billed.has(report.message));
    const failed = new Set(facts.reports.filter((report) => report.said === "failed").map(({ message }) => message));
    const least = new Set(noted.filter(({ said, message }) => said !== "failed" && !failed.has(message)).map(({ message }) => message));
    const charged = Object.keys(PRICE).reduce((sum, channel) => sum + unitsOf(usage, channel), 0);
    return charged < least.size || charged > most.size ? [violation(`${tenant.name}: ${charged} charged, ${least.size} to ${most.size} taken`)] : [];
  });
}

/** The sum is what its parts come to. */
export function sumsAgree(facts) {
  return live(facts).flatMap(({ tenant, usage, spent }) => {
    const parts = Object.entries(PRICE).reduce((sum, [channel, price]) => sum + unitsOf(usage, channel) * price, 0);
    const shown = usage.reduce((sum, { amount }) => sum + tenThousandths(amount.amount), 0);
    return Math.abs(shown - parts) < 1 && Math.abs(tenThousandths(spent) - shown) <= 100 ? [] : [violation(`${tenant.name}: ${parts}, ${shown} and ${tenThousandths(spent)} ten-thousandths`)];
  });
}

/** The cap is not passed, whenever one looks. */
export function capHolds(facts) {
  return live(facts).filter(({ tenant }) => tenant.cap).flatMap(({ tenant, usage }) => {
    const spent = usage.reduce((sum, { amount }) => sum + tenThousandths(amount.amount), 0);
    const cap = tenThousandths(tenant.cap);
    const passed = facts.spent.find((look) => look.tenant === tenant.id && tenThousandths(look.amount) > cap + PRICE.VOICE + 50);
    if (passed) return [violation(`${tenant.name}: ${passed.amount} of ${tenant.cap} was spent`, [passed])];
    return spent > cap + PRICE.VOICE ? [violation(`${tenant.name}: ${spent} of ${cap} ten-thousandths were spent`)] : [];
  });
}

/** SPENDING_CAP_REACHED is told only where so much may have been spent or set aside. */
export function capIsNotReachedEarly(facts) {
  return facts.calls.filter(({ codes }) => codes.includes("SPENDING_CAP_REACHED")).flatMap((call) => {
    const { tenant } = facts.finals.get(call.tenant);
    const earlier = facts.of("startChallenge", "enrollPhone").filter((other) => other.tenant === call.tenant && other.begun < call.ended && (done(other) || unknown(other)));
    const possible = earlier.reduce((sum, { channel }) => sum + (PRICE[channel] ?? PRICE.SMS), 0);
    const room = tenThousandths(tenant.cap) - possible - PRICE.VOICE;
    return room > 0 ? [violation(`${tenant.name}: the cap was called reached after at most ${possible} ten-thousandths`, [call])] : [];
  });
}
