/** Listening from components. */

import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from "react";
import { AttendedContext } from "~/shell/presence";
import { useScope } from "~/shell/scope";
import type { Operation } from "../client";
import { Line, type LineState } from "./line";
import { openSocket } from "./socket";
import { openStreams } from "./streams";

const Context = createContext<Line | undefined>(undefined);

function useHere(): Line {
  const line = useContext(Context);
  if (!line) throw new Error("nothing to listen by");
  return line;
}

/** The line of the tenant or partner in the page's address. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const scope = useScope();
  const line = useMemo(() => new Line(scope, { socket: openSocket, streams: openStreams, chance: Math.random }), [scope]);
  const attended = useContext(AttendedContext);
  useEffect(() => line.attend(attended), [line, attended]);
  return <Context value={line}>{children}</Context>;
}

/** Whether what one listens to is told at once. */
export function useLine(): LineState {
  const line = useHere();
  return useSyncExternalStore((watcher) => line.watch(watcher), () => line.state);
}

/** How often to ask instead, in milliseconds: not at all while one is told. `listens`: whether this person can be. */
export function useFallback(every: number, listens = true): number | false {
  const state = useLine();
  return listens && state === "socket" ? false : every;
}

/** Listens for as long as the component is drawn and `enabled`. */
export function useListen<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, told: (data: Data) => void, enabled = true): void {
  const line = useHere();
  const latest = useRef(told);
  useEffect(() => { latest.current = told; });
  const query = operation.toString();
  const given = JSON.stringify(variables);
  useEffect(() => {
    if (!enabled) return undefined;
    return line.listen({ request: { query, variables: JSON.parse(given) as unknown }, told: (data: Data) => latest.current(data) });
  }, [line, query, given, enabled]);
}
