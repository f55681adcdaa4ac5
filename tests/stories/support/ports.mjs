// Ports for servers that a test starts.

import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections: one that is found free here is not taken by a client meanwhile. */
const [FIRST, MANY] = [15_000, 15_000];

// Processes that run side by side begin at different ends.
let last = (process.pid % 500) * 30;

/** A port that nobody listens on, and that no connection of this machine's is given while its server is down. */
export async function freePort() {
  for (;;) {
    last = (last + 1) % MANY;
    const probe = createServer().listen(FIRST + last, "127.0.0.1");
    const free = await once(probe, "listening").then(() => true, () => false);
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return FIRST + last;
  }
}
