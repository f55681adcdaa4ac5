import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Carrier, Events, Request } from "~/api/live/carrier";
import { Line } from "~/api/live/line";
import { pauseAfter } from "~/api/live/pauses";
import { eventsOf, MOST_STREAMS, openStreams } from "~/api/live/streams";

const HOUR_MS = 3_600_000;
const request: Request = { query: "subscription { a }", variables: {} };

/** A way to the server that is told what happens, and notes what was done with it. */
function way(begin: (events: Events) => void) {
  const opened: { events: Events; begun: string[]; ended: string[]; isClosed: boolean }[] = [];
  const open = (_scope: string, events: Events): Carrier => {
    const one = { events, begun: [] as string[], ended: [] as string[], isClosed: false };
    opened.push(one);
    queueMicrotask(() => begin(events));
    return { begin: (id) => one.begun.push(id), end: (id) => one.ended.push(id), close: () => { one.isClosed = true; } };
  };
  return { open, opened };
}

const works = () => way((events) => { events.holds(); events.ready(); });
const fails = (final = false) => way((events) => events.closed(final));

function lineBy(socket: ReturnType<typeof way>, streams: ReturnType<typeof way>) {
  return new Line("tenant_1", { socket: socket.open, streams: streams.open, chance: () => 1 });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a line", () => {
  it("carries all that is listened to by one socket, and passes on what is told to whom it concerns", async () => {
    const socket = works();
    const line = lineBy(socket, fails());
    const [first, second] = [vi.fn(), vi.fn()];
    line.listen({ request, told: first });
    await vi.advanceTimersByTimeAsync(0);
    line.listen({ request, told: second });
    expect(line.state).toBe("socket");
    expect(socket.opened).toHaveLength(1);
    expect(socket.opened[0]?.begun).toEqual(["1", "2"]);
    socket.opened[0]?.events.told("2", { a: 1 });
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledWith({ a: 1 });
  });

  it("is opened by whoever listens first, and hung up when nobody has for a moment", async () => {
    const socket = works();
    const line = lineBy(socket, fails());
    const stop = line.listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(0);
    stop();
    expect(socket.opened[0]?.ended).toEqual(["1"]);
    line.listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.opened[0]?.isClosed).toBe(false);
    expect(socket.opened).toHaveLength(1);
  });

  it("begins everything anew after it was lost", async () => {
    const socket = works();
    const line = lineBy(socket, fails());
    const told = vi.fn();
    line.listen({ request, told });
    await vi.advanceTimersByTimeAsync(60_000);
    socket.opened[0]?.events.closed(false);
    expect(line.state).toBe("away");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(line.state).toBe("socket");
    expect(socket.opened[1]?.begun).toEqual(["1"]);
  });

  it("goes by streams where no socket gets through, and says so", async () => {
    const [socket, streams] = [fails(), works()];
    const line = lineBy(socket, streams);
    const states: string[] = [];
    line.watch(() => states.push(line.state));
    line.listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states).toEqual(["streams"]);
    expect(socket.opened).toHaveLength(2);
  });

  it("that is refused again and again asks ever more rarely", async () => {
    const [socket, streams] = [fails(), fails()];
    lineBy(socket, streams).listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(60_000);
    const first = socket.opened.length + streams.opened.length;
    expect(first).toBeLessThanOrEqual(7);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(socket.opened.length + streams.opened.length - first).toBeLessThanOrEqual(60);
    expect(streams.opened.length).toBeGreaterThan(1);
  });

  it("does the same where it is let in and closed at once", async () => {
    const socket = way((events) => { events.holds(); events.ready(); events.closed(false); });
    lineBy(socket, fails()).listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.opened.length).toBeLessThanOrEqual(6);
  });

  it("is not let in by a server that thinks about it for long", async () => {
    const streams = way((events) => { events.ready(); setTimeout(() => events.closed(false), 15_000); });
    lineBy(fails(), streams).listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(HOUR_MS / 6);
    expect(streams.opened.length).toBeLessThanOrEqual(8);
  });

  it("does not come back where another attempt would end no better", async () => {
    const [socket, streams] = [fails(true), works()];
    lineBy(socket, streams).listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(socket.opened).toHaveLength(1);
    expect(streams.opened).toHaveLength(0);
  });

  it("rests while nobody is there", async () => {
    const socket = works();
    const line = lineBy(socket, fails());
    line.listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(0);
    line.attend(false);
    expect(socket.opened[0]?.isClosed).toBe(true);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(socket.opened).toHaveLength(1);
    line.attend(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.opened[1]?.begun).toEqual(["1"]);
  });

  it("forgets a subscription that was refused or is over", async () => {
    const socket = works();
    const line = lineBy(socket, fails());
    const failed = vi.fn();
    line.listen({ request, told: vi.fn(), failed });
    line.listen({ request, told: vi.fn() });
    await vi.advanceTimersByTimeAsync(20_000);
    socket.opened[0]?.events.failed("1", new Error("no") as never);
    socket.opened[0]?.events.over("2");
    expect(failed).toHaveBeenCalledOnce();
    socket.opened[0]?.events.closed(false);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(socket.opened).toHaveLength(1);
  });
});

describe("pauses", () => {
  it("grow up to a minute, and differ", () => {
    expect(pauseAfter(1, 1)).toBe(1_000);
    expect(pauseAfter(3, 1)).toBe(4_000);
    expect(pauseAfter(3, 0)).toBe(2_000);
    expect(pauseAfter(500, 1)).toBe(60_000);
  });
});

const bytes = (...pieces: string[]) => new ReadableStream<Uint8Array>({
  start(controller) {
    pieces.forEach((piece) => controller.enqueue(new TextEncoder().encode(piece)));
    controller.close();
  },
});

describe("a stream", () => {
  it("is read however it was cut", async () => {
    const found = [];
    for await (const event of eventsOf(bytes("event: ne", "xt\ndata: {\"a\":1}\n", "\n:\n\nevent: complete\nda", "ta:\n\n"))) found.push(event);
    expect(found).toEqual([{ name: "next", data: '{"a":1}' }, { name: "complete", data: "" }]);
  });

  it("tells, and is over; one that just ends is lost", async () => {
    vi.useRealTimers();
    const events = { ready: vi.fn(), holds: vi.fn(), told: vi.fn(), failed: vi.fn(), over: vi.fn(), closed: vi.fn() };
    vi.stubGlobal("fetch", async () => new Response(bytes('event: next\ndata: {"data":{"a":1}}\n\nevent: complete\ndata:\n\n')));
    openStreams("partner_1", events).begin("1", request);
    await vi.waitFor(() => expect(events.over).toHaveBeenCalledWith("1"));
    expect(events.told).toHaveBeenCalledWith("1", { a: 1 });
    expect(events.closed).not.toHaveBeenCalled();
    vi.stubGlobal("fetch", async () => new Response(bytes(":\n\n")));
    openStreams("partner_1", events).begin("1", request);
    await vi.waitFor(() => expect(events.closed).toHaveBeenCalledWith(false));
  });

  it("that is forbidden is not begun again, and there are never too many", async () => {
    vi.useRealTimers();
    const events = { ready: vi.fn(), holds: vi.fn(), told: vi.fn(), failed: vi.fn(), over: vi.fn(), closed: vi.fn() };
    const fetched = vi.fn(async () => new Response("{}", { status: 403 }));
    vi.stubGlobal("fetch", fetched);
    const streams = openStreams("tenant_1", events);
    for (let id = 0; id < 9; id += 1) streams.begin(String(id), request);
    expect(fetched).toHaveBeenCalledTimes(MOST_STREAMS);
    await vi.waitFor(() => expect(events.closed).toHaveBeenCalledWith(true));
    expect(events.closed).toHaveBeenCalledOnce();
  });
});
