/** What a browser gives and takes as bytes travels as text. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { hasPasskeys, makePasskey, provePasskey, toBytes, toText, type CreationOptions, type RequestOptions } from "../src/features/session/webauthn";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

const asking: RequestOptions = { challenge: "-_8", rpId: "localhost", allowCredentials: [{ id: "AQI", type: "public-key" }], userVerification: "required" };
const making: CreationOptions = {
  challenge: "-_8", rp: { id: "localhost", name: "Postern" }, user: { id: "Aw", name: "ann", displayName: "ann" }, pubKeyCredParams: [],
};

function browserWith(credentials: object) {
  vi.stubGlobal("navigator", { credentials });
}

afterEach(() => vi.unstubAllGlobals());

describe("base64url", () => {
  it("has no padding and neither plus nor slash", () => {
    expect(toText(bytes(0xfb, 0xff))).toBe("-_8");
    expect([...toBytes("-_8")]).toEqual([0xfb, 0xff]);
    expect(toText(bytes())).toBe("");
  });
});

describe("a passkey", () => {
  it("is asked for with bytes, and answers with text", async () => {
    const get = vi.fn().mockResolvedValue({
      id: "AQI", rawId: bytes(1, 2), type: "public-key",
      response: { clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3), userHandle: null },
    });
    browserWith({ get });
    expect(await provePasskey(asking)).toEqual({
      id: "AQI", rawId: "AQI", type: "public-key", clientExtensionResults: {},
      response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "Aw", userHandle: null },
    });
    const [{ publicKey }] = get.mock.calls[0] as [{ publicKey: { challenge: Uint8Array; allowCredentials: { id: Uint8Array }[] } }];
    expect([...publicKey.challenge]).toEqual([0xfb, 0xff]);
    expect([...(publicKey.allowCredentials[0]?.id ?? [])]).toEqual([1, 2]);
  });

  it("is made for a user, and says how it is reached", async () => {
    const create = vi.fn().mockResolvedValue({
      id: "AQI", rawId: bytes(1, 2), type: "public-key",
      response: { clientDataJSON: bytes(1), attestationObject: bytes(2), getTransports: () => ["internal"] },
    });
    browserWith({ create });
    expect(await makePasskey(making)).toMatchObject({ response: { clientDataJSON: "AQ", attestationObject: "Ag", transports: ["internal"] } });
    const [{ publicKey }] = create.mock.calls[0] as [{ publicKey: { user: { id: Uint8Array }; excludeCredentials: unknown[] } }];
    expect([...publicKey.user.id]).toEqual([3]);
    expect(publicKey.excludeCredentials).toEqual([]);
  });

  it("is nothing where the person gave up", async () => {
    const refused = vi.fn().mockRejectedValue(new DOMException("", "NotAllowedError"));
    browserWith({ get: refused, create: refused });
    expect(await provePasskey(asking)).toBeNull();
    expect(await makePasskey(making)).toBeNull();
  });

  it("is not offered by a browser that has none", () => {
    expect(hasPasskeys()).toBe(false);
    vi.stubGlobal("PublicKeyCredential", class {});
    expect(hasPasskeys()).toBe(true);
  });
});
