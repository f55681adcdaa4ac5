/** Who asks for help and waits: told as it happens, and looked for now and then where nothing can be told. */

import { useDebouncedCallback } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { useFallback, useListen } from "~/api/live/hooks";
import { ArrivalsDocument, RequestEndsDocument, ShellDocument, type ShellQuery } from "~/gql/generated/shell";
import { Icon } from "~/ui/Icon";
import { useMay, useScope } from "./scope";

/** How often the help desk looks where it cannot listen. */
const LOOK_MS = 8_000;
/** What arrives together is looked at once. */
const TOGETHER_MS = 100;

type Tenant = ShellQuery["tenant"];
type Waiting = NonNullable<Tenant["temporaryAccessRequests"]>["edges"][number]["node"];

/** How often a page that shows requests asks for them itself. */
export function useLookForRequests(): number | false {
  return useFallback(LOOK_MS, useMay()("temporaryAccessRequested"));
}

/** The tenant as the frame shows it, with whoever waits; `watch` is to be drawn somewhere. */
export function useTenant() {
  const may = useMay();
  const helps = may("tenant.temporaryAccessRequests");
  const every = useLookForRequests();
  const { data, isError } = useAsk(ShellDocument, { requests: helps }, { every: helps && every });
  const waiting = data?.tenant.temporaryAccessRequests?.edges.map((edge) => edge.node);
  const look = useLookAgain();
  useListen(ArrivalsDocument, {}, ({ temporaryAccessRequested: { id } }) => {
    if (waiting && !waiting.some((request) => request.id === id)) look();
  }, may("temporaryAccessRequested"));
  useAnnouncements(waiting);
  return { tenant: data?.tenant, isLost: isError, waiting: waiting?.length ?? 0, watch: waiting?.map(({ id }) => <Ends key={id} id={id} onEnd={look} />) };
}

/** Whatever of the tenant shows requests reads them again. */
function useLookAgain() {
  const client = useQueryClient();
  const scope = useScope();
  return useDebouncedCallback(() => {
    void client.invalidateQueries({ predicate: ({ queryKey: [of, text] }) => of === scope && typeof text === "string" && text.includes("temporaryAccessRequests(") });
  }, TOGETHER_MS);
}

/** A colleague answers it, or the login ends first. */
function Ends({ id, onEnd }: { id: string; onEnd: () => void }) {
  useListen(RequestEndsDocument, { id }, ({ temporaryAccessRequestUpdated: { status } }) => { if (status !== "OPEN") onEnd(); });
  return null;
}

/** Tells of requests that were not there a moment ago. */
function useAnnouncements(waiting: readonly Waiting[] | undefined) {
  const { t } = useTranslation();
  const known = useRef<Set<string> | undefined>(undefined);
  useEffect(() => {
    if (!waiting) return;
    const fresh = waiting.filter((request) => known.current && !known.current.has(request.id));
    known.current = new Set(waiting.map((request) => request.id));
    for (const { id, user } of fresh) {
      notifications.show({ id, color: "brass", icon: <Icon name="bell" />, autoClose: 15_000, message: t("requests.arrived", { name: user.displayName ?? user.externalId }) });
    }
  }, [waiting, t]);
}
