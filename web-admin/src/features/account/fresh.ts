/** What is dear is done by whoever proved both factors just now. Whoever did a while ago is asked again, and then it is done. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Fault } from "~/api/faults";

const isStale = (error: Error | null) => error instanceof Fault && error.code === "VERIFICATION_REQUIRED";

export function useFresh<Variables, Result>(deed: (variables: Variables) => Promise<Result>, done: (result: Result) => unknown) {
  const [again, setAgain] = useState<{ variables: Variables }>();
  const doing = useMutation({
    mutationFn: deed,
    onSuccess: done,
    onError: (error, variables) => { if (isStale(error)) setAgain({ variables }); },
  });
  return {
    run: (variables: Variables) => doing.mutate(variables),
    busy: doing.isPending,
    error: isStale(doing.error) ? null : doing.error,
    /** Whether it waits for both factors. */
    asks: again !== undefined,
    confirmed: () => { if (again) { setAgain(undefined); doing.mutate(again.variables); } },
    dropped: () => setAgain(undefined),
  };
}
