/** Field by field: free for each tenant, or the same for all. */

import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { said } from "~/features/policy/Diff";
import { useEditing } from "~/features/policy/draft";
import type { Draft } from "~/features/policy/model";
import policy from "~/features/policy/policy.module.css";
import { Quiet } from "~/ui/bits";
import { useFormats } from "~/ui/formats";
import { Icon } from "~/ui/Icon";
import { Panel } from "~/ui/Page";
import classes from "../partner.module.css";
import { GROUPS, type Group } from "./locks";
import { useLocks } from "./template";

export function LocksTab() {
  const { places } = useLocks();
  const rest = places.filter((place) => !place.includes("."));
  return (
    <div className={policy.audiences}>
      {GROUPS.map((group) => <Section key={group} name={group} places={places.filter((place) => place.startsWith(`${group}.`))} />)}
      <Section name="rest" places={rest} />
    </div>
  );
}

const valueAt = (draft: Draft, place: string): unknown => place.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], draft);

function Section({ name, places }: { name: Group | "rest"; places: readonly string[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, editable } = useEditing();
  const { locked, setLocked } = useLocks();
  const count = places.filter((place) => locked.includes(place)).length;
  const all = count === places.length;
  const title = t(`locks.${name}`);
  return (
    <Panel title={title} hint={t("locks.count", { count, of: formats.number(places.length) })}
      actions={<Switch label={t("locks.all")} aria-label={t("locks.allOf", { what: title })} checked={all} disabled={!editable} onChange={() => setLocked(places, !all)} />}>
      <ul className={classes.locks}>
        {places.map((place) => {
          const on = locked.includes(place);
          const label = t(`field.${place.replace(/^(internal|external)\./, "") as "mandatoryFrom"}`).replace(/^[^:]+: /, "");
          return (
            <li key={place} className={classes.lock} data-on={on}>
              <Icon name={on ? "lock" : "open"} size={18} />
              <div><strong>{label}</strong><div><Quiet>{said(place, valueAt(draft, place), t, formats)}</Quiet></div></div>
              <Switch aria-label={t("locks.lock", { what: `${title}, ${label}` })} checked={on} disabled={!editable} onChange={(event) => setLocked([place], event.currentTarget.checked)} />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
