/** What is typed into a search field goes into the address a moment after the last key. */

import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

const MOMENT_MS = 250;

export function useTyped(sought: string | undefined, onSeek: (sought: string | undefined) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(sought ?? "");
  const router = useRouter();
  const seek = useRef(onSeek);
  useEffect(() => { seek.current = onSeek; });
  useEffect(() => {
    const wanted = typed.trim() || undefined;
    if (wanted === sought) return;
    // Not when somebody is on the way to another page already, be it that this one is still drawn.
    const here = router.latestLocation.pathname;
    const timer = setTimeout(() => { if (router.latestLocation.pathname === here) seek.current(wanted); }, MOMENT_MS);
    return () => clearTimeout(timer);
  }, [typed, sought, router]);
  return [typed, setTyped];
}
