// Holds the walls between the crates: app → edge-http, graphql → svc-* → core-*, io-*.
//
// A crate's layer is the prefix of its name. What a layer may use is the table below, and nothing
// else; a new crate without a layer fails, so that the table stays the whole truth.

import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";

/** The layers a layer may use; `svc` among themselves only as SERVICES says. */
const LAYERS = {
  core: ["core"],
  io: ["core", "io"],
  svc: ["core", "io", "svc"],
  graphql: ["core", "io", "svc"],
  "edge-http": ["core", "io", "svc", "graphql"],
  // Other ways in, merged into the gateway's router: they let callers in as it does.
  "edge-scim": ["core", "svc", "edge-http"],
  "edge-prompt": ["core", "io", "svc", "edge-http"],
  "edge-docs": ["io", "edge-http"],
  app: ["core", "io", "svc", "graphql", "edge-http", "edge-prompt", "edge-scim", "edge-docs"],
  testkit: ["core", "io", "svc", "graphql", "edge-http", "app"],
  fuzz: ["core", "io", "svc", "edge-scim"],
  "load-tests": ["core", "io", "svc", "graphql", "edge-http", "app", "testkit"],
};

/** Which service may call which. Everything else goes by outbox event. */
const SERVICES = {
  "svc-platform": [],
  "svc-audit": ["svc-platform"],
  "svc-policy": ["svc-platform", "svc-audit"],
  "svc-billing": ["svc-platform", "svc-audit"],
  "svc-directory": ["svc-platform", "svc-audit", "svc-policy"],
  "svc-delivery": ["svc-platform", "svc-audit"],
  "svc-factors": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-delivery"],
  "svc-logins": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-delivery", "svc-factors"],
  "svc-simulation": ["svc-platform", "svc-audit", "svc-directory", "svc-logins", "svc-billing"],
  "svc-admins": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-delivery", "svc-factors", "svc-logins"],
  "svc-sso": ["svc-platform", "svc-audit", "svc-admins"],
  "svc-webhooks": ["svc-platform", "svc-audit"],
  "svc-branding": ["svc-platform"],
  "svc-rollout": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-delivery"],
  "svc-onboarding": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-factors", "svc-admins"],
  "svc-keys": ["svc-platform", "svc-audit"],
  "svc-lifecycle": ["svc-platform", "svc-audit", "svc-directory"],
  "svc-prompt": ["svc-platform", "svc-directory", "svc-logins"],
  "svc-helpdesk": ["svc-platform", "svc-audit", "svc-policy", "svc-directory", "svc-delivery", "svc-factors", "svc-logins"],
};

/** Core crates are values and rules: nothing that waits, stores or serves. */
const NOT_IN_CORE = ["tokio", "tokio-util", "futures", "sqlx", "axum", "hyper", "tower", "tower-http", "reqwest", "async-graphql", "async-graphql-axum", "lettre"];

/** SQL belongs to io-postgres and the services; HTTP to the edge. */
const NOT_IN = {
  graphql: ["sqlx", "axum", "lettre"],
  "edge-http": ["sqlx", "lettre"],
  "edge-scim": ["sqlx", "async-graphql", "async-graphql-axum", "lettre"],
  svc: ["axum", "async-graphql", "async-graphql-axum"],
};

/** A second TLS stack, or a C compressor, in the tree means that a feature crept in. */
const NOT_IN_TREE = ["openssl-sys", "zstd-sys"];

export function layerOf(name) {
  return Object.keys(LAYERS).find((layer) => name === layer || (["core", "io", "svc"].includes(layer) && name.startsWith(`${layer}-`)));
}

/** Every broken rule of one crate, as sentences. `uses` are { name, kind } of its manifest. */
export function breaches(crate, uses) {
  const layer = layerOf(crate);
  if (!layer) return [`${crate} has no layer: give it a prefix, or a row in scripts/check-layers.mjs`];
  if (layer === "svc" && !(crate in SERVICES)) return [`${crate} is not in the table of services in scripts/check-layers.mjs`];
  return uses.flatMap(({ name, kind }) => breach(crate, layer, name, kind) ?? []);
}

function breach(crate, layer, used, kind) {
  const target = layerOf(used);
  // Tests may wire what the code may not; but no core test needs more than the core either.
  if (kind === "dev" && layer !== "core") return undefined;
  if (!target) {
    const banned = layer === "core" ? NOT_IN_CORE : (NOT_IN[layer] ?? []);
    return banned.includes(used) ? `${crate} uses ${used}, which does not belong in ${layer}` : undefined;
  }
  if (!LAYERS[layer].includes(target)) return `${crate} uses ${used}: ${layer} may use only ${LAYERS[layer].join(", ")}`;
  if (layer === "svc" && target === "svc" && !SERVICES[crate].includes(used)) return `${crate} uses ${used}, which is not on its declared chain`;
  return undefined;
}

function cargo(...args) {
  return execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28 });
}

function check() {
  const { packages } = JSON.parse(cargo("metadata", "--format-version", "1", "--no-deps"));
  const found = packages.flatMap((crate) => breaches(crate.name, crate.dependencies));
  const tree = new Set(cargo("tree", "--workspace", "--prefix", "none", "--format", "{p}").split("\n").map((line) => line.split(" ")[0]));
  for (const name of NOT_IN_TREE.filter((name) => tree.has(name))) {
    found.push(`${name} is in the dependency tree: cargo tree -i ${name}`);
  }
  for (const sentence of found) console.error(`layers: ${sentence}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) check();
