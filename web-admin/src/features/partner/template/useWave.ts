import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { tell } from "~/api/client";
import { RealignDocument } from "~/gql/generated/partner";
import { useScope } from "~/shell/scope";
import { merged, runWave, type Result } from "./wave";

export type Wave = { total: number; results: readonly Result[]; isRunning: boolean; error: Error | null; start: (chosen: readonly string[] | null, total: number) => void; stop: () => void };

/** One wave after the other; what was told of the last one stays. */
export function useWave(): Wave {
  const scope = useScope();
  const client = useQueryClient();
  const stopped = useRef(false);
  const [total, setTotal] = useState(0);
  const [results, setResults] = useState<readonly Result[]>([]);
  const running = useMutation({
    mutationFn: (chosen: readonly string[] | null) =>
      runWave((tenantIds) => tell(scope, RealignDocument, { input: { tenantIds } }), chosen, (fresh) => setResults((before) => merged(before, fresh)), () => stopped.current),
    onSettled: () => client.invalidateQueries({ queryKey: [scope] }),
  });
  return {
    total, results, isRunning: running.isPending, error: running.error,
    start: (chosen, total) => {
      stopped.current = false;
      setTotal(total);
      setResults([]);
      running.mutate(chosen);
    },
    stop: () => { stopped.current = true; },
  };
}
