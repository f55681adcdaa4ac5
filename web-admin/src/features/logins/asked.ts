/** What was asked of somebody at a login. */

import type { LoginRowFragment } from "~/gql/generated/logins";

export type Asked = LoginRowFragment["challenges"][number];

type State = Pick<Asked, "status" | "attemptsRemaining" | "messages">;

const told = ({ status, attemptsRemaining, messages }: State) => JSON.stringify([status, attemptsRemaining, messages.map((message) => [message.id, message.status])]);

/** Whether what is told of a challenge is not what is shown of it. */
export const isNews = (state: State, shown: Asked) => told(state) !== told(shown);

/** Those whose answer is still to come. */
export const pendingOf = (logins: readonly Pick<LoginRowFragment, "challenges">[]) =>
  logins.flatMap((login) => login.challenges).filter(({ status }) => status === "PENDING");
