/** The second step, once something has stood in for the password: choose a way, prove it. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Fault } from "~/api/faults";
import { CodeForm } from "./CodeForm";
import { MethodList } from "./MethodList";
import { chooseMethod, isHeld, type Method } from "./steps";

type Props = { methods: readonly Method[]; onIn: () => void; onOver: (why: Fault) => void };

const onlyHeld = ([first, ...more]: readonly Method[]) => (first && more.length === 0 && isHeld(first.channel) ? first : undefined);

export function SecondStep({ methods, onIn, onOver }: Props) {
  const [method, setMethod] = useState(() => onlyHeld(methods));
  const choose = useMutation({
    mutationFn: async (chosen: Method) => { if (!isHeld(chosen.channel)) await chooseMethod(chosen.id); return chosen; },
    onSuccess: setMethod,
  });
  if (method) return <CodeForm method={method} onIn={onIn} onOver={onOver} />;
  return <MethodList methods={methods} onChoose={(chosen) => choose.mutate(chosen)} busy={choose.isPending} error={choose.error} />;
}
