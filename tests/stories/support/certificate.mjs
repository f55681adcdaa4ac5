// A certificate that a host of a test's own shows: self-signed, for one name, made here (X.509, RFC 5280; DER, X.690).

import { generateKeyPairSync, sign } from "node:crypto";

const DAY_MS = 86_400_000;
const OBJECT = { commonName: "550403", subjectAltName: "551d11", ecdsaWithSha256: "2a8648ce3d040302" };

/** A tag, a length, and what it is about. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts) => der(0x30, ...parts);
const object = (hex) => der(0x06, Buffer.from(hex, "hex"));
const bits = (bytes) => der(0x03, Buffer.from([0]), bytes);
const name = (text) => sequence(der(0x31, sequence(object(OBJECT.commonName), der(0x0c, Buffer.from(text)))));
/** UTCTime: good until 2049. */
const time = (date) => der(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, "").slice(2)}`));

/** A key and a certificate for this host, as PEM; good for two days. */
export function certificateFor(host) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(object(OBJECT.ecdsaWithSha256));
  const alternative = sequence(object(OBJECT.subjectAltName), der(0x04, sequence(der(0x82, Buffer.from(host)))));
  const [from, until] = [-DAY_MS, DAY_MS].map((ms) => time(new Date(Date.now() + ms)));
  const told = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm, name(host), sequence(from, until), name(host),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternative)),
  );
  const certificate = sequence(told, algorithm, bits(sign("sha256", told, { key: privateKey, dsaEncoding: "der" })));
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`,
  };
}
