/** Whether somebody is there. A session ends when nobody does anything for a quarter of an hour, and a
 * page that asks the API by itself must not keep it open: so this page counts what the person does. */

import { useEffect, useRef, useState } from "react";

export const IDLE_MS = 15 * 60_000;
/** For how long after the last deed a page still asks by itself. */
const WATCHED_MS = 10 * 60_000;
const DEEDS = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

export type Presence = "watched" | "left" | "gone";

export function presenceAfter(idleMs: number): Presence {
  if (idleMs >= IDLE_MS) return "gone";
  return idleMs >= WATCHED_MS ? "left" : "watched";
}

export function usePresence(onGone: () => void): Presence {
  const last = useRef(Date.now());
  const [presence, setPresence] = useState<Presence>("watched");
  useEffect(() => {
    const deed = () => { last.current = Date.now(); };
    DEEDS.forEach((name) => window.addEventListener(name, deed, { passive: true }));
    const timer = setInterval(() => setPresence(presenceAfter(Date.now() - last.current)), 15_000);
    return () => {
      DEEDS.forEach((name) => window.removeEventListener(name, deed));
      clearInterval(timer);
    };
  }, []);
  useEffect(() => { if (presence === "gone") onGone(); }, [presence, onGone]);
  return presence;
}
