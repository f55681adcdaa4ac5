// What the documents tell an integrator to paste, pasted: every shell block of a section, unchanged
// and in one shell, against a server that has seen nothing else.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { createLocalJWKSet, jwtVerify } from "jose";

import { totp } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MARK = "what the blocks exported:";

let server;
let sandbox;
before(async () => {
  server = await Server.start();
  sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
});
after(() => server?.stop());

/** The shell blocks of one section of a document, in order. */
async function blocks(file, section) {
  const text = await readFile(path.join(root, file), "utf8");
  const [, after] = text.split(`\n## ${section}\n`);
  assert.ok(after, `${file} has a section "${section}"`);
  const found = [...after.split("\n## ")[0].matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]);
  assert.ok(found.length > 0, `${file}, ${section}: shell blocks`);
  return found;
}

/** Runs them in one bash; what it printed, and its exported variables at the end. */
async function paste(given, environment) {
  const script = [...given, `echo; echo "${MARK}"`, "env -0"].join("\n");
  const child = spawn("bash", ["-u"], { cwd: root, env: { ...process.env, LC_ALL: "C", ...environment }, stdio: ["pipe", "pipe", "pipe"] });
  const [out, err] = [[], []];
  child.stdout.on("data", (data) => out.push(data));
  child.stderr.on("data", (data) => err.push(data));
  child.stdin.end(script);
  const code = await new Promise((resolve) => child.once("close", resolve));
  const [printed, exported] = Buffer.concat(out).toString().split(`${MARK}\n`);
  const complaints = Buffer.concat(err).toString();
  assert.deepEqual([code, complaints], [0, ""], printed);
  const variables = exported.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  return { printed, variables: Object.fromEntries(variables) };
}

const facts = () => ({ DEV: path.join(server.folder, "dev.json") });

/** What the README does in Python, by a library of another make. */
async function verified({ ASSERTION, ADA, LOGIN, TENANT, POSTERN }) {
  assert.deepEqual([POSTERN, TENANT], [server.facts.url, sandbox.id]);
  const jwks = createLocalJWKSet(await (await fetch(`${POSTERN}/.well-known/jwks.json`)).json());
  const expected = { issuer: POSTERN, audience: TENANT, subject: ADA, algorithms: ["EdDSA"], requiredClaims: ["exp", "jti"] };
  const { payload } = await jwtVerify(ASSERTION, jwks, expected);
  assert.equal(payload.jti, LOGIN);
  return payload;
}

test("the README's way from nothing ends at a verified assertion, twice", async () => {
  const given = await blocks("README.md", "From nothing to a verified assertion");
  const first = await paste(given, facts());
  assert.doesNotMatch(first.printed, /"code": ?"|"errors"/);
  const claims = await verified(first.variables);
  assert.deepEqual([claims.acr, claims.acr_rank, claims.amr], ["postern:2fa", 30, ["pwd", "sms"]]);
  // On data that is there already, as `make run` keeps it.
  const second = await paste(given, facts());
  assert.notEqual(second.variables.ADA, first.variables.ADA);
  assert.equal((await verified(second.variables)).acr_rank, 30);
});

test("the README's Standard security: let in where she was, asked in London, trusted there, forgotten", async () => {
  const given = [...(await blocks("README.md", "From nothing to a verified assertion")), "echo; echo 'STANDARD:'", ...(await blocks("README.md", "Standard security: when a code is asked"))];
  const { printed, variables } = await paste(given, facts());
  assert.doesNotMatch(printed, /"code": ?"|"errors"/);
  const answers = printed.split("STANDARD:\n")[1].split(/^(?=\{)/m).filter((text) => text.startsWith("{")).map((text) => JSON.parse(text));
  const [home, london, staff, trusted, forgotten] = answers;
  assert.deepEqual([home.login.outcome, home.login.reasons, home.login.location], ["ALLOW", ["LOW_RISK"], { city: "San Francisco", country: "US" }]);
  assert.deepEqual([london.outcome, london.reasons, london.location.city], ["CHALLENGE", ["RISK_DETECTED"], "London"]);
  assert.deepEqual(london.riskSignals.slice(0, 2).map((signal) => signal.kind), ["IMPOSSIBLE_TRAVEL", "NEW_COUNTRY"]);
  assert.equal(staff.data.upsertUser.user.kind, "INTERNAL");
  assert.deepEqual([trusted.login.outcome, trusted.login.reasons], ["ALLOW", ["TRUSTED_DEVICE"]]);
  assert.match(variables.DEVICE, /^postern_device_/);
  assert.deepEqual(forgotten.data.forgetDevices.user.trustedDevices, []);
});

test("the guide's administrator signs in and is told who and where they are", async () => {
  // The reader's app is whatever knows RFC 6238.
  const code = totp(`otpauth://totp/x?secret=${server.facts.admin.totpSecret}`);
  const environment = { ...facts(), POSTERN: server.facts.url, TENANT: sandbox.id };
  const { printed } = await paste([`oathtool() { echo ${code}; }`, ...(await blocks("docs/integrators.md", "Administrators sign in"))], environment);
  const { data } = JSON.parse(printed);
  assert.deepEqual(data.viewer, { email: server.facts.admin.email, role: "OWNER" });
});
