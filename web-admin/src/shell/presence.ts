/** Whether somebody is there. A session ends when nobody does anything for a quarter of an hour, and a
 * page that asks the API by itself must not keep it open: so this page counts what the person does. */

import { createContext, useEffect, useRef, useState } from "react";

export const IDLE_MS = 15 * 60_000;
/** For how long after the last deed a page still asks by itself. */
const WATCHED_MS = 10 * 60_000;
/** So often other tabs of the same browser are told. */
const TELL_MS = 5_000;
const KEPT = "postern-last-deed";
const DEEDS = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

export type Presence = "watched" | "left" | "gone";

/** Whether somebody is at the page: only then does it ask or listen by itself. */
export const AttendedContext = createContext(true);

export function presenceAfter(idleMs: number): Presence {
  if (idleMs >= IDLE_MS) return "gone";
  return idleMs >= WATCHED_MS ? "left" : "watched";
}

/** The last deed in whichever tab: they share a session, and one that lies idle must not end it for the others. */
export const lastOf = (here: number, kept: string | null) => Math.max(here, Number(kept) || 0);

export function usePresence(onGone: () => void): Presence {
  const last = useRef(Date.now());
  const [presence, setPresence] = useState<Presence>("watched");
  useEffect(() => {
    let told = 0;
    const deed = () => {
      last.current = Date.now();
      if (last.current - told < TELL_MS) return;
      told = last.current;
      localStorage.setItem(KEPT, String(told));
    };
    deed();
    DEEDS.forEach((name) => window.addEventListener(name, deed, { passive: true }));
    const timer = setInterval(() => setPresence(presenceAfter(Date.now() - lastOf(last.current, localStorage.getItem(KEPT)))), 15_000);
    return () => {
      DEEDS.forEach((name) => window.removeEventListener(name, deed));
      clearInterval(timer);
    };
  }, []);
  useEffect(() => { if (presence === "gone") onGone(); }, [presence, onGone]);
  return presence;
}
