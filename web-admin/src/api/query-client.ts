/** What is kept of answers, and what happens when the session is over. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Fault } from "./faults";

type Listener = () => void;
const listeners = new Set<Listener>();

/** Calls when an answer says that nobody is signed in any more; gives back how to stop that. */
export function onSessionOver(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function noticed(error: Error): void {
  if (error instanceof Fault && error.code === "UNAUTHENTICATED") listeners.forEach((listener) => listener());
}

const PASSING = new Set(["UNAVAILABLE", "NO_CONNECTION"]);

/** Whether the same question may well be answered a moment later. */
export const isPassing = (error: unknown) => error instanceof Fault && PASSING.has(error.code);

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticed }),
  mutationCache: new MutationCache({ onError: noticed }),
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 2 && isPassing(error),
    },
  },
});
