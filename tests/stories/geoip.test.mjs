// Address databases of the operator's own, in other layouts than the demo's: flat records, numbers as
// text, IPv4 and IPv6 in files of their own, and anonymizers as a list. They put the demo's addresses
// elsewhere, so that nothing of the demo can be what answers.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { Api, codes } from "./support/api.mjs";
import { mmdb } from "./support/mmdb.mjs";
import { settled } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

const REYKJAVIK = { country_code: "IS", country: "Iceland", city: "Reykjavík", latitude: 64.1466, longitude: -21.9426 };
const NAGOYA = { country_code: "JP", city: "Nagoya", lat: "35.1815", lng: "136.9066" };
const NAIROBI = { country: "KE", city: "Nairobi", latitude: -1.2921, longitude: 36.8219 };

const LIST = `# anonymizers
192.0.2.128/25
2001:db8:1:bad::/64
AS64511           # every address of this network
this line is none and holds nobody up
`;

let folder;
let server;
let api;

const file = (name) => path.join(folder, name);

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postern-addresses-"));
  await chmod(folder, 0o755);
  await writeFile(file("city-4.mmdb"), mmdb("ip4-location", { "192.0.2.0/24": REYKJAVIK, "198.51.100.0/24": NAGOYA }));
  await writeFile(file("city-6.mmdb"), mmdb("ip6-location", { "2001:db8:1::/48": NAIROBI }));
  await writeFile(file("asn.mmdb"), mmdb("asn", {
    "192.0.2.0/24": { asn: "AS64501", as_name: "Northern Light" },
    "198.51.100.0/25": { asn: 64502, org: "Castle Town" },
    "198.51.100.128/25": { asn: 64511, org: "Rented Racks" },
  }));
  await writeFile(file("anonymizers.txt"), LIST);
  server = await Server.start({
    POSTERN_GEOIP_CITY: `${file("city-4.mmdb")},${file("city-6.mmdb")}`,
    POSTERN_GEOIP_ASN: file("asn.mmdb"),
    POSTERN_GEOIP_ANONYMIZER: file("anonymizers.txt"),
  });
  const sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  const support = new Api(server.facts.graphql, sandbox.supportApiKey);
  api.advance = (seconds) => support.advance(seconds);
  assert.deepEqual(codes(await support.publish()), []);
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const from = (ipAddress) => ({ ipAddress, userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0" });
const kinds = (login) => login.riskSignals.map((signal) => signal.kind);
const round = (location) => location && { ...location, latitude: Math.round(location.latitude * 100) / 100, longitude: Math.round(location.longitude * 100) / 100 };

test("addresses are where these files say, and the demo's are gone", async () => {
  await api.upsert("atlas");
  const located = async (address) => round((await api.evaluate("atlas", from(address))).location);
  assert.deepEqual(await located("192.0.2.10"), { country: "IS", city: "Reykjavík", latitude: 64.15, longitude: -21.94 });
  assert.deepEqual(await located("198.51.100.20"), { country: "JP", city: "Nagoya", latitude: 35.18, longitude: 136.91 });
  assert.deepEqual(await located("2001:db8:1::5"), { country: "KE", city: "Nairobi", latitude: -1.29, longitude: 36.82 });
  for (const gone of ["203.0.113.30", "2001:db8:2::5", "10.0.0.5"]) assert.equal(await located(gone), null, gone);
});

test("travel, countries and networks are judged by them", async () => {
  await settled(api, "islander", from("192.0.2.10"));
  await api.advance(4 * 86_400);
  assert.equal((await api.evaluate("islander", from("192.0.2.99"))).outcome, "ALLOW");
  await api.advance(3_600);
  const away = await api.evaluate("islander", from("198.51.100.20"));
  assert.deepEqual([away.reasons, kinds(away)], [["RISK_DETECTED"], ["IMPOSSIBLE_TRAVEL", "NEW_COUNTRY", "NEW_NETWORK"]]);
  assert.match(away.riskSignals[0].detail, /^8,\d{3} km from the last login 1 hour ago/);
  assert.match(away.riskSignals[1].detail, /Japan/);
  assert.match(away.riskSignals[2].detail, /AS64502/);
});

test("the list names networks and autonomous systems, and what is not on it is no anonymizer", async () => {
  await api.upsert("listed");
  const hides = async (address) => kinds(await api.evaluate("listed", from(address))).includes("ANONYMIZER");
  for (const [address, hidden] of [
    ["192.0.2.127", false],
    ["192.0.2.128", true],
    ["198.51.100.127", false],
    ["198.51.100.128", true],
    ["2001:db8:1:bad::1", true],
    ["2001:db8:1:bae::1", false],
    ["203.0.113.200", false],
  ]) {
    assert.equal(await hides(address), hidden, address);
  }
});

test("a list that is put in place while the server runs holds within its minute, and no login fails meanwhile", { timeout: 120_000 }, async () => {
  await api.upsert("reload");
  await writeFile(file("anonymizers.new"), "203.0.113.200\n");
  await rename(file("anonymizers.new"), file("anonymizers.txt"));
  const hides = async (address) => kinds(await api.evaluate("reload", from(address))).includes("ANONYMIZER");
  for (let waited = 0; !(await hides("203.0.113.200")); waited += 3) {
    assert.ok(waited < 90, "the new list is not taken up");
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  assert.equal(await hides("192.0.2.128"), false);
});
