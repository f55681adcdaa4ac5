import { account } from "./account";
import { common } from "./common";
import { company } from "./company";
import { partner } from "./partner";
import { passkey } from "./passkey";
import { policy } from "./policy";
import { run } from "./run";
import { users } from "./users";
import { watch } from "./watch";
import { words } from "./words";

/** English. Keys are flat: `page.part.what`; `_one` and `_other` follow the count. */
export const en = { ...common, ...account, ...company, ...passkey, ...words, ...watch, ...users, ...policy, ...partner, ...run } as const;
