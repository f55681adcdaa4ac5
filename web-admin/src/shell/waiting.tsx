/** Who asks for help and waits: told as it happens, and looked for now and then where nothing can be told. */

import { notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useAsk } from "~/api/hooks";
import { useFallback, useListen, useReadAgain } from "~/api/live/hooks";
import { ArrivalsDocument, RequestEndsDocument, ShellDocument, type ShellQuery } from "~/gql/generated/shell";
import { Icon } from "~/ui/Icon";
import { useMay } from "./scope";

/** How often the help desk looks where it cannot listen. */
const LOOK_MS = 8_000;

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
  const look = useReadAgain("temporaryAccessRequests(");
  useListen(ArrivalsDocument, {}, ({ temporaryAccessRequested: { id } }) => {
    if (waiting && !waiting.some((request) => request.id === id)) look();
  }, may("temporaryAccessRequested"));
  useAnnouncements(waiting);
  return { tenant: data?.tenant, isLost: isError, waiting: waiting?.length ?? 0, watch: waiting?.map(({ id }) => <Ends key={id} id={id} onEnd={look} />) };
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
