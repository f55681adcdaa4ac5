// Messages: none is lost, one that goes out twice says the same, and what is known of it moves forward.

import { before, done, groups, unknown, violation } from "./facts.mjs";

const ENDED = ["ACCEPTED", "DELIVERED", "FAILED", "CANCELED"];
const RANK = { QUEUED: 0, SENDING: 1, ACCEPTED: 2, FAILED: 3, CANCELED: 3, DELIVERED: 4 };
const FORWARD = { PENDING: 0, VERIFIED: 1, EXPIRED: 1, FAILED: 1, SUPERSEDED: 1 };
const SENT_BY_PROVIDER = new Set(["SMS", "VOICE"]);

const sends = (facts) => facts.of("startChallenge", "enrollPhone").filter((call) => done(call) && call.payload.challenge?.message);
const texts = (facts, message) => facts.texts.filter((text) => text.message === message);

/** No challenge is begun without the message that carries its code. */
export function codesAreSent(facts) {
  return facts.of("startChallenge", "enrollPhone")
    .filter((call) => done(call) && SENT_BY_PROVIDER.has(call.channel) && !call.payload.challenge?.message)
    .map((call) => violation(`${call.payload.challenge?.id} was begun, and no message carries its code`, [call]));
}

/** Whose challenge is answered, its message is there, and comes to an end. */
export function noneIsLost(facts) {
  return sends(facts).flatMap((call) => {
    const { id } = call.payload.challenge.message;
    const final = facts.finals.get(call.tenant)?.messages.find((message) => message.id === id);
    if (!final) return [violation(`${id} was acknowledged and is missing`, [call, ...texts(facts, id)])];
    return ENDED.includes(final.status) ? [] : [violation(`${id} is still ${final.status}`, [call, ...texts(facts, id)])];
  });
}

/** What is said to have been taken was taken; what was never handed over was not. */
export function statusesAreTrue(facts) {
  return facts.tenants.filter(({ tenant }) => tenant.environment === "LIVE").flatMap(({ messages }) =>
    messages.filter(({ channel }) => SENT_BY_PROVIDER.has(channel)).flatMap((message) => {
      const given = texts(facts, message.id);
      const took = given.some((text) => text.took);
      if (["ACCEPTED", "DELIVERED"].includes(message.status) && !took) return [violation(`${message.id} is ${message.status}, and the provider never took it`, given)];
      if (message.status === "CANCELED" && given.length) return [violation(`${message.id} is CANCELED, and the provider was asked`, given)];
      const sure = given.length > 0 && given.every(({ status }) => status === 202 || status === 409);
      const reported = facts.reports.some((report) => report.message === message.id && report.said === "failed");
      const broke = facts.faults.some(({ kind }) => kind !== "sandbox-clock" && kind !== "clock") || facts.alwaysBroken;
      if (message.status === "FAILED" && sure && !reported && !broke) return [violation(`${message.id} FAILED, and the provider took it`, given)];
      return [];
    }));
}

/** The provider is given nothing that is not on record. */
export function nothingUnknownGoesOut(facts) {
  return facts.texts.flatMap((text) => {
    const final = facts.finals.get(text.tenant);
    return final && !final.messages.some(({ id }) => id === text.message) ? [violation(`the provider was given ${text.message}, which is nowhere`, [text])] : [];
  });
}

/** When the provider has it, it is on record that it is being sent. */
export function onRecordBeforeItGoesOut(facts) {
  return facts.reads.filter(({ afterText, status, found }) => afterText && (!found || status === "QUEUED"))
    .map((read) => violation(`the provider had ${read.id}, and it was ${read.status ?? "nowhere"}`, [read, read.afterText]));
}

/** However often a code goes out, and by whatever way, it is the same. */
export function doubledTextsAgree(facts) {
  const challengeOf = new Map(facts.calls.flatMap(({ payload }) => (payload?.challenge?.messages ?? []).map(({ id }) => [id, payload.challenge.id])));
  const coded = [...facts.texts, ...facts.sandboxTexts].filter(({ code }) => code);
  return [...groups(coded, (text) => text.challenge ?? challengeOf.get(text.message) ?? text.message)].flatMap(([id, sent]) => {
    const codes = new Set(sent.map(({ code }) => code));
    return codes.size > 1 ? [violation(`${id} was sent with ${codes.size} codes`, sent.filter(({ at }) => at))] : [];
  });
}

/** Who looks twice never sees a step back. */
export function statesGoForward(facts) {
  return [...groups(facts.reads, ({ id }) => id)].flatMap(([id, reads]) => {
    const rank = id.startsWith("message") ? RANK : FORWARD;
    const back = reads.flatMap((read) => reads.filter((other) => before(read, other)
      && ((read.found && !other.found) || rank[other.status] < rank[read.status] || (read.completed && !other.completed))).map((other) => [read, other]));
    return back.length ? [violation(`${id} went back`, back[0])] : [];
  });
}

/** A timeline tells the same: only arrival follows a failure. */
export function timelinesGoForward(facts) {
  return facts.tenants.flatMap(({ messages }) => messages.flatMap(({ id, timeline }) => {
    const ranks = timeline.map(({ status }) => RANK[status]);
    return ranks.some((rank, at) => at > 0 && rank < ranks[at - 1]) ? [violation(`${id}: ${timeline.map(({ status }) => status)}`, texts(facts, id))] : [];
  }));
}

/** Reports are signed as agreed, and so believed. */
export function reportsAreBelieved(facts) {
  return facts.reports.filter(({ disbelieved }) => disbelieved).map((report) => violation(`a report of ${report.message} was not believed`));
}

/** There are as many codes as were asked for, and those of which nobody knows. */
export function noneTooMany(facts) {
  return facts.tenants.flatMap(({ tenant, messages }) => {
    const asked = facts.of("startChallenge", "enrollPhone").filter((call) => call.tenant === tenant.id);
    const known = asked.filter((call) => (done(call) && call.payload.challenge?.message) || call.codes.includes("SPENDING_CAP_REACHED")).length;
    const most = known + asked.filter(unknown).length;
    const there = messages.filter(({ purpose }) => purpose === "CODE").length;
    return there > most ? [violation(`${tenant.name} has ${there} codes of ${most} that were asked for`)] : [];
  });
}
