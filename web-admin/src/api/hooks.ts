/** Asking and telling from components: what a page needs of the API, for the tenant or partner in its address. */

import { keepPreviousData, useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useContext } from "react";
import { AttendedContext } from "~/shell/presence";
import { useScope } from "~/shell/scope";
import { ask, tell, type Operation } from "./client";
import type { Complaint } from "./faults";
import { isPassing } from "./query-client";

export type Asked<Data> = UseQueryResult<Data, Error>;

type Options<Data> = {
  /** False: not yet, or not for this person. */
  enabled?: boolean;
  /** Ask again every so often, in milliseconds, while somebody is there. */
  every?: number | false;
  /** Until the answer is one that does not change any more. */
  until?: (data: Data) => boolean;
  /** For how long an answer is good enough, in milliseconds. */
  fresh?: number;
};

/** After how long what could not be read is asked for again, where a page is to show what is. */
const AGAIN_MS = 5_000;

/** How long to wait before asking again. An answer that did not come is asked for even where one is told of changes. */
function pauseBefore<Data>({ data, error }: { data: Data | undefined; error: Error | null }, { every, until }: Options<Data>): number | false {
  if (every !== undefined && isPassing(error)) return AGAIN_MS;
  return data !== undefined && until?.(data) ? false : (every ?? false);
}

/** Under what an answer is kept. */
export const keyOf = <Data, Variables>(scope: string, operation: Operation<Data, Variables>, variables: Variables) => [scope, operation.toString(), variables] as const;

/** Reads; while other variables are on their way, the last answer stays. */
export function useAsk<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, options: Options<Data> = {}): Asked<Data> {
  const scope = useScope();
  const attended = useContext(AttendedContext);
  return useQuery({
    queryKey: keyOf(scope, operation, variables),
    queryFn: ({ signal }) => ask(scope, operation, variables, signal),
    enabled: options.enabled ?? true,
    refetchInterval: ({ state }) => (attended ? pauseBefore(state, options) : false),
    staleTime: options.fresh ?? 5_000,
    placeholderData: (previous, query) => (query?.queryKey[0] === scope ? keepPreviousData(previous) : undefined),
  });
}

/** Changes; afterwards everything that is shown of it is read again. */
export function useTell<Data extends Record<string, { readonly userErrors: readonly Complaint[] }>, Variables>(
  operation: Operation<Data, Variables>,
  after?: (payload: Data[keyof Data]) => void,
) {
  const scope = useScope();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (variables: Variables) => tell(scope, operation, variables),
    onSuccess: (payload) => {
      after?.(payload);
      return client.invalidateQueries({ queryKey: [scope] });
    },
  });
}
