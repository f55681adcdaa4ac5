/** The template that is being edited: a policy like a tenant's, and what of it is locked. */

import { createContext, useContext, useMemo, type ReactNode } from "react";
import { EditingContext, type Editing } from "~/features/policy/draft";
import { useKept } from "~/features/policy/kept";
import { changesBetween, draftOf, withAudience, type Draft } from "~/features/policy/model";
import type { TemplateQuery } from "~/gql/generated/partner";
import { useMay, useScope } from "~/shell/scope";
import { noVersion } from "./first";
import { expanded, placesOf } from "./locks";

type Published = NonNullable<TemplateQuery["partner"]>["templatePolicy"];
type Kept = { base: number; draft: Draft; locked: readonly string[] };

export type Locks = {
  places: readonly string[];
  locked: readonly string[];
  /** As published. */
  before: readonly string[];
  setLocked: (places: readonly string[], on: boolean) => void;
  /** How many tenants differ from the template as published. */
  differ: number;
};

const Context = createContext<Locks | undefined>(undefined);

export function useLocks(): Locks {
  const locks = useContext(Context);
  if (!locks) throw new Error("a part of the template's editor outside of it");
  return locks;
}

export function TemplateProvider({ published, children }: { published: Published; children: ReactNode }) {
  const scope = useScope();
  const editable = useMay()("publishTemplatePolicy");
  const [kept, keep] = useKept<Kept>(`template-draft:${scope}`);
  // The day's beginning: a draft that is opened again later is to be no other.
  const today = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  const current = useMemo(() => published?.policy ?? noVersion(today), [published, today]);

  const [editing, locks] = useMemo((): [Editing, Locks] => {
    const draft = kept?.draft ?? draftOf(current);
    const places = placesOf(draft);
    const before = expanded(published?.lockedFields ?? [], places);
    const locked = kept?.locked ?? before;
    const save = (next: Draft, nextLocked: readonly string[]) => {
      const same = changesBetween(draftOf(current), next).length === 0 && places.every((place) => before.includes(place) === nextLocked.includes(place));
      keep(same ? undefined : { base: kept?.base ?? current.version, draft: next, locked: nextLocked });
    };
    const edit: Editing["edit"] = (change) => save(change(draft), locked);
    return [
      {
        current, versions: [], draft, base: kept?.base ?? current.version, edit, editable, changes: changesBetween(draftOf(current), draft),
        overtaken: kept !== undefined && kept.base !== current.version, discard: () => keep(undefined),
        editAudience: (name, changed) => edit((draft) => withAudience(draft, name, changed)),
      },
      {
        places, locked, before, differ: published?.drift.totalCount ?? 0,
        setLocked: (changed, on) => save(draft, places.filter((place) => (changed.includes(place) ? on : locked.includes(place)))),
      },
    ];
  }, [kept, keep, current, published, editable]);
  return <EditingContext value={editing}><Context value={locks}>{children}</Context></EditingContext>;
}
