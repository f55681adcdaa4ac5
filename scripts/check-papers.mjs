// Holds the papers to what they speak of: every error and every event of the API is explained, and no
// other; every test that SECURITY.md names is there; the changelog knows the version that is built.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = path.resolve(import.meta.dirname, "..");
const read = (file) => readFileSync(path.join(ROOT, file), "utf8");
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

/** What one list has and the other lacks, as sentences. */
export function differences(what, wanted, found) {
  const missing = [...new Set(wanted)].filter((name) => !found.includes(name)).map((name) => `${what}: ${name} is not explained`);
  const foreign = [...new Set(found)].filter((name) => !wanted.includes(name)).map((name) => `${what}: ${name} is explained, and does not exist`);
  const twice = found.filter((name, at) => found.indexOf(name) !== at).map((name) => `${what}: ${name} is explained twice`);
  return [...missing, ...foreign, ...twice];
}

/** The values of an enum in a schema. */
export function valuesOf(schema, name) {
  const body = new RegExp(`^enum ${name} \\{\\n([\\s\\S]*?)^\\}`, "m").exec(schema)?.[1] ?? "";
  return all(body, /^ {2}([A-Z_]+)$/gm);
}

/** The first cells of each table in a section, empty ones in the remedy or cause being faults. */
export function rowsOf(paper, heading) {
  const section = paper.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return section.split("\n").flatMap((line) => {
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    return /^[A-Z_]{3,}$/.test(cells[0] ?? "") ? [{ name: cells[0], complete: cells.length > 2 && cells.every(Boolean) }] : [];
  });
}

/** errors.md against the schema and the code. */
export function errorFaults(paper, { schema, faults, documents, reasons }) {
  const users = rowsOf(paper, "In `userErrors`");
  const others = rowsOf(paper, "In `errors`");
  const top = [...all(faults, /Fault::\w+(?:\(_\)| \{ \.\. \})? => "([A-Z_]+)"/g), ...all(documents, /coded_error\("([A-Z_]+)"/g), "NOT_FOUND"];
  const empty = [...users, ...others].filter(({ complete }) => !complete).map(({ name }) => `errors.md: ${name} lacks its cause or its remedy`);
  return [
    ...differences("errors.md, userErrors", valuesOf(schema, "UserErrorCode"), users.map(({ name }) => name)),
    ...differences("errors.md, errors", [...new Set([...top, ...reasons])], others.map(({ name }) => name)),
    ...empty,
  ];
}

/** `LOGIN_COMPLETED` is `login.completed`, `TEMPORARY_ACCESS_ISSUED` is `temporary_access.issued`. */
export const wireName = (name) => name.toLowerCase().replace(/_(?=[a-z]+$)/, ".");

/** The fields that the server sends, by event: read off the table in payload.rs. */
export function fieldsSent(source) {
  const constants = Object.fromEntries([...source.matchAll(/const (\w+): Field =\s*\("\w+", "(\w+)"/g)].map(([, name, shown]) => [name, shown]));
  const table = /const fn fields[\s\S]*?^\}/m.exec(source)[0];
  const arms = [...table.matchAll(/((?:EventKind::\w+(?: \| )?)+) => (?:\{\s*)?&\[([\s\S]*?)\]/g)];
  return Object.fromEntries(
    arms.flatMap(([, kinds, list]) => {
      const names = [...list.matchAll(/\(\s*"\w+",\s*"(\w+)"|\b([A-Z_]{4,})\b/g)].map(([, shown, constant]) => shown ?? constants[constant]).filter(Boolean);
      return all(kinds, /EventKind::(\w+)/g).map((kind) => [wireName(kind.replace(/\B([A-Z])/g, "_$1")), names]);
    }),
  );
}

/** The sections of webhooks.md with the schema of each. */
export function eventsOf(paper) {
  return paper.split(/^## /m).slice(1).map((section) => {
    const block = /```json\n([\s\S]*?)```/.exec(section)?.[1];
    return { name: section.split("\n")[0], schema: block ? JSON.parse(block) : { properties: {} } };
  });
}

/** webhooks.md against the schema and what is sent. */
export function webhookFaults(paper, { schema, payload }) {
  const events = eventsOf(paper);
  const sent = { ...fieldsSent(payload), "webhook.test": ["endpointId"] };
  const wanted = [...valuesOf(schema, "WebhookEvent").map(wireName), "webhook.test"];
  return [
    ...differences("webhooks.md", wanted, events.map(({ name }) => name)),
    ...events.flatMap(({ name, schema: { properties, required = [] } }) => [
      ...differences(`webhooks.md, ${name}`, sent[name] ?? [], Object.keys(properties)),
      ...required.filter((field) => !(field in properties)).map((field) => `webhooks.md, ${name}: ${field} is required and not described`),
    ]),
  ];
}

/** The tests that a paper names (`path` or `path::name`), where they are not there. */
export function testFaults(paper, readFile = (file) => (existsSync(path.join(ROOT, file)) ? read(file) : null)) {
  const named = all(paper, /`([\w-][\w.-]*\/[\w./-]+\.\w+(?:::\w+)?|[\w-]+\.(?:toml|md|mjs|sh)(?:::\w+)?)`/g).filter((name) => name !== "postern.toml");
  return [...new Set(named)].flatMap((reference) => {
    const [file, name] = reference.split("::");
    const text = readFile(file);
    if (text === null) return [`SECURITY.md: there is no ${file}`];
    return !name || new RegExp(`fn ${name}\\b|def ${name}\\b`).test(text) ? [] : [`SECURITY.md: ${file} has no ${name}`];
  });
}

/** How many requirements of levels 1 and 2 each section of ASVS 5.0 has; they come first in each. */
const ASVS = {
  1: [2, 9, 11, 3, 2],
  2: [3, 3, 4, 1],
  3: [0, 2, 4, 6, 5, 0, 2],
  4: [3, 1, 2, 4],
  5: [1, 3, 2, 3],
  6: [3, 12, 4, 4, 5, 3, 0, 4],
  7: [3, 4, 2, 5, 2, 2],
  8: [2, 3, 1, 1],
  9: [3, 4],
  10: [2, 2, 4, 11, 5, 2, 3],
  11: [2, 3, 3, 4, 1, 1],
  12: [3, 2, 4],
  13: [1, 5, 2, 5],
  14: [2, 4, 3],
  15: [3, 3, 7],
  16: [1, 5, 4, 3, 3],
  17: [1, 4, 2],
};

/** All their numbers, in order. */
export const REQUIREMENTS = Object.entries(ASVS).flatMap(([chapter, sections]) =>
  sections.flatMap((count, section) => Array.from({ length: count }, (_, at) => `${chapter}.${section + 1}.${at + 1}`)),
);

/** The numbers that a row stands for: one, or from one to another. */
function numbersOf(first, last = first) {
  const [from, to] = [REQUIREMENTS.indexOf(first), REQUIREMENTS.indexOf(last)];
  return from < 0 || to < from ? [first] : REQUIREMENTS.slice(from, to + 1);
}

/** The table of requirements: each once, with a verdict that is one of the four, and what holds it. */
export function requirementFaults(paper) {
  const rows = [...paper.matchAll(/^\| (\d+\.\d+\.\d+)(?:–(\d+\.\d+\.\d+))? \|(.*)\|$/gm)];
  return [
    ...differences("SECURITY.md, ASVS", REQUIREMENTS, rows.flatMap(([, first, last]) => numbersOf(first, last))),
    ...rows.flatMap(([, number, , rest]) => {
      const [, verdict, where] = rest.split("|").map((cell) => cell.trim());
      return [
        ...(["yes", "partly", "no", "n/a"].includes(verdict) ? [] : [`SECURITY.md: ${number} is neither yes, partly, no nor n/a`]),
        ...(where ? [] : [`SECURITY.md: ${number} says neither where nor why not`]),
        ...(verdict !== "yes" || /`[^`]+\.\w+/.test(where) ? [] : [`SECURITY.md: ${number} names nothing that holds it`]),
      ];
    }),
  ];
}

/** The commands of assurance.md: the second cell of each row of its tables, promise first. */
export function assurancesOf(paper) {
  const rows = paper.split("\n").filter((line) => /^\| /.test(line) && !/^\| promise \|/.test(line));
  return rows.map((line) => {
    const [promise, command, shows, figure] = line.replace(/\\\|/g, "\u0000").split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("\u0000", "|"));
    return { promise, commands: all(command ?? "", /`([^`]+)`/g), shows, figure };
  });
}

/** Why a command of assurance.md could not be run here; `exists` tells of files, `read` their text, `tests` where a Rust test is. */
export function commandFault(command, { exists, read, tests }) {
  const words = command.replace(/^(?:[A-Z_]+=\S+ )+/, "").split(" ");
  const after = (flag) => words[words.indexOf(flag) + 1];
  const script = (folder, name) => exists(`${folder}/package.json`) && JSON.parse(read(`${folder}/package.json`)).scripts?.[name];
  switch (words[0]) {
    case "make":
      return new RegExp(`^${words[1]}:`, "m").test(read("Makefile")) ? null : `the Makefile has no ${words[1]}`;
    case "cargo": {
      const file = words.includes("--test") ? tests(after("--test")) : null;
      if (words.includes("--test") && !file) return `there is no test ${after("--test")}`;
      const name = file ? words.find((word, at) => at > words.indexOf("--test") + 1 && /^[a-z]\w+$/.test(word)) : null;
      return name && !new RegExp(`fn ${name}|\\(${name},`).test(read(file)) ? `${file} has no ${name}` : null;
    }
    case "npm":
      return script(after("--prefix"), words.includes("run") ? after("run") : "test") ? null : `${after("--prefix")} has no such script`;
    case "node": {
      const file = words.find((word) => /\.mjs$/.test(word));
      return file && exists(file) ? null : `there is no ${file}`;
    }
    case "postern":
      return null; // tests/infra/papers.test.mjs asks the binary.
    default:
      return /^(?:\.venv\/bin\/python|scripts\/)/.test(words[0]) && (words[0].startsWith(".venv") ? exists(after("-s")) : exists(words[0])) ? null : `it is none that is known`;
  }
}

/** assurance.md: every promise has a command that exists, what it shows, and a figure. */
export function assuranceFaults(paper, sources) {
  const rows = assurancesOf(paper);
  return [
    ...(rows.length > 0 ? [] : ["assurance.md has no promises"]),
    ...rows.flatMap(({ promise, commands, shows, figure }) => [
      ...(commands.length > 0 ? [] : [`assurance.md: ${promise}: no command`]),
      ...(shows && figure ? [] : [`assurance.md: ${promise}: what it shows, or its figure, is missing`]),
      ...commands.flatMap((command) => {
        const fault = commandFault(command, sources);
        return fault ? [`assurance.md: ${command}: ${fault}`] : [];
      }),
    ]),
  ];
}

/** The changelog begins with what is not released, and has the version that is built. */
export function changelogFaults(changelog, version) {
  const headings = all(changelog, /^## (.+)$/gm);
  return [
    ...(headings[0] === "Unreleased" ? [] : ["CHANGELOG.md does not begin with what is unreleased"]),
    ...(headings.some((heading) => heading.startsWith(version)) ? [] : [`CHANGELOG.md does not know ${version}`]),
  ];
}

/** Every reason of a FORBIDDEN that some code gives. */
function reasons() {
  const sources = ["services", "graphql/src"].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true }).filter((file) => /(^|\/)src\/.*\.rs$|^[^/]+\.rs$/.test(file)).map((file) => path.join(folder, file)),
  );
  return sources.flatMap((file) => all(read(file), /Fault::Forbidden \{ reason: Some\("([A-Z_]+)"\) \}/g));
}

/** The file of a Rust integration test, by its name. */
function rustTest(name) {
  const folders = [...readdirSync(path.join(ROOT, "services")).map((crate) => `services/${crate}`), "graphql", "load-tests", "fuzz"];
  return folders.flatMap((folder) => [`${folder}/tests/${name}.rs`, `${folder}/tests/${name}/main.rs`]).find((file) => existsSync(path.join(ROOT, file)));
}

function faults() {
  const schema = read("graphql/schema.graphql");
  const security = read("SECURITY.md");
  return [
    ...errorFaults(read("docs/errors.md"), {
      schema,
      faults: read("graphql/src/errors.rs"),
      documents: read("graphql/src/document.rs"),
      reasons: reasons(),
    }),
    ...webhookFaults(read("docs/webhooks.md"), { schema, payload: read("services/svc-webhooks/src/payload.rs") }),
    ...testFaults(security),
    ...requirementFaults(security),
    ...testFaults(read("docs/assurance.md")).map((fault) => fault.replace("SECURITY.md", "assurance.md")),
    ...assuranceFaults(read("docs/assurance.md"), { exists: (file) => existsSync(path.join(ROOT, file)), read, tests: rustTest }),
    ...changelogFaults(read("CHANGELOG.md"), /^version = "(.+)"/m.exec(read("Cargo.toml"))[1]),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const found = faults();
  for (const fault of found) console.error(fault);
  process.exit(found.length > 0 ? 1 : 0);
}
