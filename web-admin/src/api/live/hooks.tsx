/** Listening from components. */

import { useDebouncedCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from "react";
import { AttendedContext } from "~/shell/presence";
import { useScope } from "~/shell/scope";
import type { Operation } from "../client";
import { Line, type LineState } from "./line";
import { openSocket } from "./socket";
import { openStreams } from "./streams";

/** What arrives together is read again once. */
const TOGETHER_MS = 100;

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

/** Has whatever was asked of this tenant or partner with these words read again. */
export function useReadAgain(words: string): () => void {
  const client = useQueryClient();
  const scope = useScope();
  return useDebouncedCallback(() => {
    void client.invalidateQueries({ predicate: ({ queryKey: [of, text] }) => of === scope && typeof text === "string" && text.includes(words) });
  }, TOGETHER_MS);
}
