/** The draft that all tabs of the policy edit. It outlives a reload, in this browser tab alone. */

import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { useMay, useTenantId } from "~/shell/tenant";
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

const Context = createContext<Editing | undefined>(undefined);

export function useEditing(): Editing {
  const editing = useContext(Context);
  if (!editing) throw new Error("a part of the policy's editor outside of it");
  return editing;
}

const keyOf = (tenant: string) => `policy-draft:${tenant}`;

function restored(tenant: string): Kept | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(tenant));
    return text ? (JSON.parse(text) as Kept) : undefined;
  } catch {
    return undefined;
  }
}

export function DraftProvider({ current, versions, children }: { current: Version; versions: readonly Version[]; children: ReactNode }) {
  const tenant = useTenantId();
  const may = useMay();
  const latest = Math.max(current.version, ...versions.filter((version) => version.status !== "CANCELED").map((version) => version.version));
  const [kept, setKept] = useState(() => restored(tenant));
  const keep = useCallback((next: Kept | undefined) => {
    setKept(next);
    if (next) sessionStorage.setItem(keyOf(tenant), JSON.stringify(next));
    else sessionStorage.removeItem(keyOf(tenant));
  }, [tenant]);

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
  return <Context value={editing}>{children}</Context>;
}
