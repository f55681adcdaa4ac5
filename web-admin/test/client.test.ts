import { afterEach, describe, expect, it, vi } from "vitest";
import { ask, auth, tell, type Operation } from "~/api/client";
import { Fault, Refusal } from "~/api/faults";

type Payload = { done: { ok: boolean; userErrors: { code: "INVALID"; message: string; field: string[] | null }[] } };
const operation = "mutation { done }" as unknown as Operation<Payload, Record<string, never>>;

function answers(body: unknown, status = 200) {
  const spy = vi.fn(async (_url: string, _init: RequestInit) => new Response(JSON.stringify(body), { status, headers: { "x-request-id": "r1" } }));
  vi.stubGlobal("fetch", spy);
  return spy;
}

afterEach(() => vi.unstubAllGlobals());

describe("a request", () => {
  it("names its tenant and carries the header that no other site can send", async () => {
    const spy = answers({ data: { done: { ok: true, userErrors: [] } } });
    await expect(tell("tenant_1", operation, {})).resolves.toMatchObject({ ok: true });
    expect(spy.mock.calls[0]?.[1]).toMatchObject({ method: "POST", credentials: "same-origin", headers: { "x-postern-csrf": "1", "x-postern-tenant": "tenant_1" } });
  });

  it("that is refused says which field is wrong", async () => {
    answers({ data: { done: { ok: false, userErrors: [{ code: "INVALID", message: "Too late.", field: ["policy", "external", "mandatoryFrom"] }] } } });
    const refusal = await tell("tenant_1", operation, {}).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).about("external.mandatoryFrom")).toBe("Too late.");
    expect((refusal as Refusal).about("internal.mandatoryFrom")).toBeUndefined();
  });

  it("that fails says why, by code and by the request's name", async () => {
    answers({ errors: [{ message: "no", extensions: { code: "FORBIDDEN" } }], data: null });
    await expect(ask("tenant_1", operation, {})).rejects.toMatchObject({ code: "FORBIDDEN", details: { requestId: "r1" } });
    answers({ errors: [{ message: "no", extensions: { code: "WRONG_CODE", attemptsRemaining: 4 } }] }, 401);
    await expect(auth("second-factor", {})).rejects.toMatchObject({ code: "WRONG_CODE", details: { attemptsRemaining: 4 } });
  });

  it("that finds nobody, or an answer that is none, is a fault as well", async () => {
    vi.stubGlobal("fetch", async () => { throw new TypeError("no route"); });
    await expect(ask("tenant_1", operation, {})).rejects.toMatchObject({ code: "NO_CONNECTION" });
    vi.stubGlobal("fetch", async () => new Response("<html>", { status: 502 }));
    await expect(ask("tenant_1", operation, {})).rejects.toBeInstanceOf(Fault);
  });
});
