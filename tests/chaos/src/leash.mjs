// Nothing outlives the driver, however it ends: a process of its own waits for the end of the line to it, and then kills
// what it was told of, with everything below that, and removes the driver's folder.

import { spawn } from "node:child_process";

const KEEPER = `
  const { execFileSync } = require("node:child_process");
  const { rmSync } = require("node:fs");
  const [pids, folders] = [new Set(), new Set()];
  let text = "";
  process.stdin.on("data", (data) => {
    const lines = (text += data).split("\\n");
    text = lines.pop();
    for (const [what, ...rest] of lines.map((line) => line.split(" "))) {
      if (what === "hold") pids.add(Number(rest[0]));
      if (what === "free") pids.delete(Number(rest[0]));
      if (what === "folder") folders.add(rest.join(" "));
    }
  });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.stdin.on("end", () => {
    const pairs = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\\n").map((line) => line.trim().split(/\\s+/).map(Number));
    const below = (parent) => pairs.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...below(pid)]);
    for (const pid of [...pids].flatMap((one) => [one, ...below(one)])) try { process.kill(pid, "SIGKILL"); } catch {}
    for (const pid of pids) for (const name of ["faketime_shm_", "sem.faketime_sem_"]) rmSync("/dev/shm/" + name + pid, { force: true });
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
`;

let keeper;

function tell(line) {
  if (!keeper) {
    keeper = spawn(process.execPath, ["-e", KEEPER], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    keeper.stdin.on("error", () => {});
    keeper.unref();
    keeper.stdin.unref?.();
  }
  keeper.stdin.write(`${line}\n`);
}

/** Ends this child when the driver has ended. */
export function leash(child) {
  const { pid } = child;
  tell(`hold ${pid}`);
  child.once("exit", () => tell(`free ${pid}`));
}

/** Removes this folder when the driver has ended. */
export function leashFolder(folder) {
  tell(`folder ${folder}`);
}
