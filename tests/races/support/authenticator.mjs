// A passkey in software: as much of WebAuthn (Level 3, §6) as an honest authenticator with one key needs.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];
const sha256 = (data) => createHash("sha256").update(data).digest();
const base64 = (bytes) => Buffer.from(bytes).toString("base64url");

/** CBOR (RFC 8949): a head, and what needs one here. */
function head(major, value) {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  return value < 256 ? Buffer.from([(major << 5) | 24, value]) : Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}
const integer = (value) => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value) => Buffer.concat([head(2, value.length), value]);
const text = (value) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (...pairs) => Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

export class Authenticator {
  #count = 0;
  #id = randomBytes(16);
  #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

  /** The answer to `PublicKeyCredentialCreationOptions`. */
  create(options, origin) {
    this.handle = options.user.id;
    const data = Buffer.concat([this.#data(options.rp.id, ATTESTED), Buffer.alloc(16), Buffer.from([0, this.#id.length]), this.#id, this.#publicKey()]);
    const attestationObject = map([text("fmt"), text("none")], [text("attStmt"), map()], [text("authData"), bytes(data)]);
    return this.#credential({ clientDataJSON: base64(said("webauthn.create", options, origin)), attestationObject: base64(attestationObject), transports: ["internal"] });
  }

  /** The answer to `PublicKeyCredentialRequestOptions`. */
  get(options, origin) {
    this.#count += 1;
    const [data, client] = [this.#data(options.rpId, 0), said("webauthn.get", options, origin)];
    const signature = sign("sha256", Buffer.concat([data, sha256(client)]), this.#keys.privateKey);
    return this.#credential({ clientDataJSON: base64(client), authenticatorData: base64(data), signature: base64(signature), userHandle: this.handle });
  }

  #data(rpId, more) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#count);
    return Buffer.concat([sha256(rpId), Buffer.from([PRESENT | VERIFIED | more]), count]);
  }

  /** COSE (RFC 9053 §7.1.1): ES256 on P-256. */
  #publicKey() {
    const { x, y } = this.#keys.publicKey.export({ format: "jwk" });
    const point = (value) => bytes(Buffer.from(value, "base64url"));
    return map([integer(1), integer(2)], [integer(3), integer(-7)], [integer(-1), integer(1)], [integer(-2), point(x)], [integer(-3), point(y)]);
  }

  #credential(response) {
    const id = base64(this.#id);
    return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
  }
}

function said(type, { challenge }, origin) {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
