// The files of infra/seeing, as the tests read them.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const SEEING = path.join(ROOT, "infra/seeing");
/** Some seconds of work; on a busy machine they take long. */
const PATIENCE = 300_000;
export const RULES = path.join(SEEING, "prometheus/rules");

/** Every rule of both files. */
export function rules() {
  return readdirSync(RULES).flatMap((file) => parse(readFileSync(path.join(RULES, file), "utf8")).groups.flatMap((group) => group.rules));
}

/** Every panel's queries: { panel: "file: title", expr }. */
export function queries() {
  const folder = path.join(SEEING, "grafana/dashboards");
  return readdirSync(folder).flatMap((file) =>
    JSON.parse(readFileSync(path.join(folder, file), "utf8")).panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: `${file}: ${title}`, expr }))),
  );
}

/** Runs promtool, and fails with what it says. */
export function promtool(...words) {
  const done = spawnSync("promtool", words, { encoding: "utf8", timeout: PATIENCE });
  if (done.status !== 0) throw new Error(`promtool ${words.join(" ")}: ${done.error ?? done.stdout + done.stderr}`);
  return done.stdout;
}
