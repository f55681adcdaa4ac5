/** Asking and telling from components: what a page needs of the API, for the tenant in its address. */

import { keepPreviousData, useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useTenantId } from "~/shell/tenant";
import { ask, tell, type Operation } from "./client";
import type { Complaint } from "./faults";

export type Asked<Data> = UseQueryResult<Data, Error>;

type Options<Data> = {
  /** False: not yet, or not for this person. */
  enabled?: boolean;
  /** Ask again every so often, in milliseconds. */
  every?: number | false;
  /** Until the answer is one that does not change any more. */
  until?: (data: Data) => boolean;
  /** For how long an answer is good enough, in milliseconds. */
  fresh?: number;
};

/** Reads; while other variables are on their way, the last answer stays. */
export function useAsk<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, options: Options<Data> = {}): Asked<Data> {
  const tenant = useTenantId();
  return useQuery({
    queryKey: [tenant, operation.toString(), variables],
    queryFn: ({ signal }) => ask(tenant, operation, variables, signal),
    enabled: options.enabled ?? true,
    refetchInterval: ({ state: { data } }) => (data !== undefined && options.until?.(data) ? false : (options.every ?? false)),
    staleTime: options.fresh ?? 5_000,
    placeholderData: (previous, query) => (query?.queryKey[0] === tenant ? keepPreviousData(previous) : undefined),
  });
}

/** Changes; afterwards everything that is shown of the tenant is read again. */
export function useTell<Data extends Record<string, { readonly userErrors: readonly Complaint[] }>, Variables>(
  operation: Operation<Data, Variables>,
  after?: (payload: Data[keyof Data]) => void,
) {
  const tenant = useTenantId();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (variables: Variables) => tell(tenant, operation, variables),
    onSuccess: (payload) => {
      after?.(payload);
      return client.invalidateQueries({ queryKey: [tenant] });
    },
  });
}
