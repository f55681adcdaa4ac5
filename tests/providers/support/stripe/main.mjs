// `node main.mjs [NOW]`: the stand-in for tests that are not written in JavaScript. It prints its address and
// ends with its standard input.

import { StripeStandIn } from "./stand-in.mjs";

const stand = await StripeStandIn.start(process.argv[2] ? Number(process.argv[2]) : undefined);
console.log(stand.url);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
