import { useCallback, useState } from "react";

function restored<Kept>(name: string): Kept | undefined {
  try {
    const text = sessionStorage.getItem(name);
    return text ? (JSON.parse(text) as Kept) : undefined;
  } catch {
    return undefined;
  }
}

/** What outlives a reload, in this browser tab alone; nothing to forget it. */
export function useKept<Kept>(name: string): [Kept | undefined, (next: Kept | undefined) => void] {
  const [kept, setKept] = useState(() => restored<Kept>(name));
  const keep = useCallback((next: Kept | undefined) => {
    setKept(next);
    if (next) sessionStorage.setItem(name, JSON.stringify(next));
    else sessionStorage.removeItem(name);
  }, [name]);
  return [kept, keep];
}
