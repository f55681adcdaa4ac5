import { describe, expect, it } from "vitest";
import { isNews, pendingOf, type Asked } from "~/features/logins/asked";

const text = { id: "message_1", channel: "SMS", status: "ACCEPTED" } as const;
const asked = (more: Partial<Asked> = {}): Asked => ({
  id: "challenge_1", channel: "SMS", destination: "•••• 32", status: "PENDING", attemptsRemaining: 5, messages: [text], ...more,
});

describe("what is told of a challenge", () => {
  it("is no news as long as it is what is shown", () => {
    expect(isNews(asked(), asked())).toBe(false);
    expect(isNews(asked({ destination: "elsewhere" }), asked())).toBe(false);
  });

  it.each([
    ["a wrong code", { attemptsRemaining: 4 }],
    ["the right one", { status: "VERIFIED" }],
    ["a text that arrived", { messages: [{ ...text, status: "DELIVERED" }] }],
    ["a call after the text", { messages: [text, { id: "message_2", channel: "VOICE", status: "QUEUED" }] }],
  ] as const)("is news: %s", (_, more) => {
    expect(isNews(asked(more), asked())).toBe(true);
  });
});

it("only what waits for an answer is followed", () => {
  const logins = [
    { challenges: [asked({ id: "a", status: "SUPERSEDED" }), asked({ id: "b" })] },
    { challenges: [] },
    { challenges: [asked({ id: "c", status: "FAILED" }), asked({ id: "d" })] },
  ];
  expect(pendingOf(logins).map(({ id }) => id)).toEqual(["b", "d"]);
});
