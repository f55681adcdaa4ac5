import assert from "node:assert/strict";
import { test } from "node:test";

import {
  assuranceFaults,
  assurancesOf,
  changelogFaults,
  commandFault,
  differences,
  errorFaults,
  fieldsSent,
  REQUIREMENTS,
  requirementFaults,
  rowsOf,
  testFaults,
  valuesOf,
  webhookFaults,
  wireName,
} from "./check-papers.mjs";

const SCHEMA = 'enum UserErrorCode {\n  "Why."\n  INVALID\n  NOT_FOUND\n}\nenum WebhookEvent {\n  "A."\n  USER_LOCKED\n}\n';
const FAULTS = 'match fault {\n  Fault::Unauthenticated => "UNAUTHENTICATED",\n  Fault::Forbidden { .. } => "FORBIDDEN",\n  Fault::Internal(_) => "INTERNAL",\n}';
const PAYLOAD = `
const USER: Field = ("user_id", "userId", Form::Id(UserId::PREFIX));
const ACCESS_CODE: Field =
    ("code_id", "codeId", Form::Id(CodeId::PREFIX));
const fn fields(kind: EventKind) -> &'static [Field] {
    match kind {
        EventKind::UserLocked => &[USER, ("until", "until", Form::Time)],
        EventKind::FactorAdded | EventKind::FactorRemoved => &[USER, ("kind", "kind", Form::Plain)],
        EventKind::TemporaryAccessIssued => &[
            ACCESS_CODE,
            USER,
            ("expires_at", "expiresAt", Form::Time),
        ],
    }
}
`;

test("what is missing, foreign or doubled is told", () => {
  assert.deepEqual(differences("x", ["A", "B"], ["B", "C", "C"]), ["x: A is not explained", "x: C is explained, and does not exist", "x: C is explained twice"]);
  assert.deepEqual(differences("x", ["A"], ["A"]), []);
});

test("enums and tables are read", () => {
  assert.deepEqual(valuesOf(SCHEMA, "UserErrorCode"), ["INVALID", "NOT_FOUND"]);
  assert.deepEqual(valuesOf(SCHEMA, "Nothing"), []);
  const paper = "## One\n\n| code | why | do |\n|---|---|---|\n| AAA | b | c |\n| BBB |  | c |\n## Two\n| CCC | d | e |\n";
  assert.deepEqual(rowsOf(paper, "One"), [{ name: "AAA", complete: true }, { name: "BBB", complete: false }]);
});

test("each error is explained with cause and remedy", () => {
  const paper = (user, top) => `## In \`userErrors\`\n${user}\n## In \`errors\`\n${top}`;
  const sources = { schema: SCHEMA, faults: FAULTS, documents: 'coded_error("QUERY_TOO_COMPLEX", m)', reasons: ["TENANT_REQUIRED", "TENANT_REQUIRED"] };
  const users = "| INVALID | a | b |\n| NOT_FOUND | a | b |";
  const top = ["UNAUTHENTICATED", "FORBIDDEN", "INTERNAL", "QUERY_TOO_COMPLEX", "NOT_FOUND", "TENANT_REQUIRED"].map((name) => `| ${name} | 1 | a | b |`);
  assert.deepEqual(errorFaults(paper(users, top.join("\n")), sources), []);
  assert.deepEqual(errorFaults(paper("| INVALID | a | b |", top.join("\n")), sources), ["errors.md, userErrors: NOT_FOUND is not explained"]);
  assert.deepEqual(errorFaults(paper(users, top.slice(1).join("\n")), sources), ["errors.md, errors: UNAUTHENTICATED is not explained"]);
  assert.deepEqual(errorFaults(paper("| INVALID | a | |\n| NOT_FOUND | a | b |", top.join("\n")), sources), ["errors.md: INVALID lacks its cause or its remedy"]);
});

test("events have the names and the fields that are sent", () => {
  assert.equal(wireName("TEMPORARY_ACCESS_ISSUED"), "temporary_access.issued");
  assert.deepEqual(fieldsSent(PAYLOAD), {
    "user.locked": ["userId", "until"],
    "factor.added": ["userId", "kind"],
    "factor.removed": ["userId", "kind"],
    "temporary_access.issued": ["codeId", "userId", "expiresAt"],
  });
});

test("each event has a schema of just its fields", () => {
  const section = (name, fields, required = fields) =>
    `## ${name}\n\nWhen.\n\n\`\`\`json\n${JSON.stringify({ properties: Object.fromEntries(fields.map((field) => [field, {}])), required })}\n\`\`\`\n`;
  const end = section("webhook.test", ["endpointId"]);
  const sources = { schema: SCHEMA, payload: PAYLOAD };
  assert.deepEqual(webhookFaults(section("user.locked", ["userId", "until"]) + end, sources), []);
  assert.deepEqual(webhookFaults(end, sources), ["webhooks.md: user.locked is not explained"]);
  assert.deepEqual(webhookFaults(section("user.locked", ["userId"]) + end, sources), ["webhooks.md, user.locked: until is not explained"]);
  assert.deepEqual(webhookFaults(section("user.locked", ["userId", "until", "name"], ["userId"]) + end, sources), [
    "webhooks.md, user.locked: name is explained, and does not exist",
  ]);
  assert.deepEqual(webhookFaults(section("user.locked", ["userId", "until"], ["gone"]) + end, sources), [
    "webhooks.md, user.locked: gone is required and not described",
  ]);
});

test("a test that is named must be there", () => {
  const files = { "services/a/tests/b.rs": "async fn it_holds() {}", "tests/c.mjs": "" };
  const found = (text) => testFaults(text, (file) => files[file] ?? null);
  assert.deepEqual(found("| x | `services/a/tests/b.rs::it_holds`, `tests/c.mjs` | `/healthz` and `api.introspection` |"), []);
  assert.deepEqual(found("`services/a/tests/b.rs::it_held`"), ["SECURITY.md: services/a/tests/b.rs has no it_held"]);
  assert.deepEqual(found("`services/a/tests/gone.rs`"), ["SECURITY.md: there is no services/a/tests/gone.rs"]);
});

test("every requirement is judged once, and says why", () => {
  assert.equal(REQUIREMENTS.length, 253);
  const row = (number, verdict = "yes", where = "`tests/a.mjs`") => `| ${number} | what | ${verdict} | ${where} |\n`;
  const rows = REQUIREMENTS.filter((number) => !number.startsWith("10.")).map((number) => row(number));
  const whole = rows.join("") + row("10.1.1–10.7.3", "n/a", "none");
  assert.deepEqual(requirementFaults(whole), []);
  assert.deepEqual(requirementFaults(whole.replace(row("6.5.1"), "")), ["SECURITY.md, ASVS: 6.5.1 is not explained"]);
  assert.deepEqual(requirementFaults(whole + row("6.5.1")), ["SECURITY.md, ASVS: 6.5.1 is explained twice"]);
  assert.deepEqual(requirementFaults(whole + row("3.1.1")), ["SECURITY.md, ASVS: 3.1.1 is explained, and does not exist"]);
  assert.deepEqual(requirementFaults(whole.replace(row("6.5.1"), row("6.5.1", "maybe"))), ["SECURITY.md: 6.5.1 is neither yes, partly, no nor n/a"]);
  assert.deepEqual(requirementFaults(whole.replace(row("6.5.1"), row("6.5.1", "yes", "surely"))), ["SECURITY.md: 6.5.1 names nothing that holds it"]);
  assert.deepEqual(requirementFaults(whole.replace(row("6.5.1"), row("6.5.1", "no", ""))), ["SECURITY.md: 6.5.1 says neither where nor why not"]);
});

test("the changelog begins with what is to come and knows this version", () => {
  assert.deepEqual(changelogFaults("# C\n## Unreleased\n## 0.1.0 — soon\n", "0.1.0"), []);
  assert.equal(changelogFaults("# C\n## 0.1.0\n", "0.2.0").length, 2);
});

const HOUSE = {
  exists: (file) => ["tests/a/package.json", "tests/a/b.test.mjs", "scripts/x.sh", "tests/py"].includes(file),
  read: (file) => ({ Makefile: "chaos: ## x\n\t@true\n", "tests/a/package.json": '{"scripts":{"test":"x"}}', "services/s/tests/races.rs": "async fn a_code_works_once() {" })[file] ?? "",
  tests: (name) => (name === "races" ? "services/s/tests/races.rs" : undefined),
};

test("a command that is not there is told", () => {
  for (const fine of [
    "make chaos SEEDS=1..3", "cargo nextest run --workspace --test races", "cargo nextest run --workspace --test races a_code_works_once", "npm --prefix tests/a test",
    "node --test tests/a/b.test.mjs", "scripts/x.sh", "X=1 make chaos", ".venv/bin/python -m unittest discover -s tests/py", "postern audit verify",
  ]) assert.equal(commandFault(fine, HOUSE), null, fine);
  for (const gone of [
    "make nothing", "cargo nextest run --workspace --test nothing", "cargo nextest run --workspace --test races a_code_works_twice", "npm --prefix tests/a run other",
    "npm --prefix tests/b test", "node --test tests/a/c.test.mjs", "scripts/y.sh", ".venv/bin/python -m unittest discover -s tests/other", "rm -rf x",
  ]) assert.notEqual(commandFault(gone, HOUSE), null, gone);
});

test("every promise has its command, what it shows and its figure", () => {
  const paper = (rows) => `# A\n\n| promise | command | shows | figure |\n|---|---|---|---|\n${rows}\n`;
  assert.deepEqual(assurancesOf(paper("| a \\| b | `make chaos`, `scripts/x.sh` | c | d |")), [{ promise: "a | b", commands: ["make chaos", "scripts/x.sh"], shows: "c", figure: "d" }]);
  assert.deepEqual(assuranceFaults(paper("| a | `make chaos` | c | d |"), HOUSE), []);
  assert.equal(assuranceFaults(paper("| a | by hand | c | d |"), HOUSE).length, 1);
  assert.equal(assuranceFaults(paper("| a | `make chaos` | c |  |"), HOUSE).length, 1);
  assert.equal(assuranceFaults(paper("| a | `make nothing` | c | d |"), HOUSE).length, 1);
  assert.equal(assuranceFaults("# nothing", HOUSE).length, 1);
});
