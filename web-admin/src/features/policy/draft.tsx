/** The draft that all tabs of the policy edit. It outlives a reload, in this browser tab alone. */

import { createContext, useContext, useMemo, type ReactNode } from "react";
import { useMay, useScope } from "~/shell/scope";
import { useKept } from "./kept";
import { changesBetween, draftOf, withAudience, type AudienceDraft, type AudienceName, type Change, type Draft, type Version } from "./model";

type Kept = { base: number; draft: Draft };

export type Editing = {
  /** In force. */
  current: Version;
  versions: readonly Version[];
  draft: Draft;
  changes: readonly Change[];
  /** The version that the draft was edited from. */
  base: number;
  /** Whether another version was published meanwhile. */
  overtaken: boolean;
  /** Whether this person may publish. */
  editable: boolean;
  edit: (change: (draft: Draft) => Draft) => void;
  editAudience: (name: AudienceName, changed: Partial<AudienceDraft>) => void;
  discard: () => void;
};

/** The template of a partner is edited by the same tabs. */
export const EditingContext = createContext<Editing | undefined>(undefined);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error("a part of the policy's editor outside of it");
  return editing;
}

export function DraftProvider({ current, versions, children }: { current: Version; versions: readonly Version[]; children: ReactNode }) {
  const tenant = useScope();
  const may = useMay();
  const latest = Math.max(current.version, ...versions.filter((version) => version.status !== "CANCELED").map((version) => version.version));
  const [kept, keep] = useKept<Kept>(`policy-draft:${tenant}`);

  const editing = useMemo((): Editing => {
    const draft = kept?.draft ?? draftOf(current);
    const base = kept?.base ?? latest;
    const edit: Editing["edit"] = (change) => {
      const next = change(draft);
      keep(changesBetween(draftOf(current), next).length === 0 ? undefined : { base, draft: next });
    };
    return {
      current, versions, draft, base, edit, changes: changesBetween(draftOf(current), draft), overtaken: kept !== undefined && kept.base !== latest,
      editable: may("publishPolicy"), discard: () => keep(undefined), editAudience: (name, changed) => edit((draft) => withAudience(draft, name, changed)),
    };
  }, [kept, current, versions, latest, keep, may]);
  return <EditingContext value={editing}>{children}</EditingContext>;
}
