/** J and K go through what waits, digits answer what is open. Never while somebody types. */
import { useEffect, useRef } from "react";

interface InboxKeys {
  readonly step: (by: 1 | -1) => void;
  /** Counted from 0. */
  readonly choose: (answer: number) => void;
}

export function useInboxKeys(keys: InboxKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusyElsewhere(event.target))
        return;
      const key = event.key.toLowerCase();
      if (key === "j" || key === "k") latest.current.step(key === "j" ? 1 : -1);
      else if (/^[1-9]$/.test(key)) latest.current.choose(Number(key) - 1);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function isBusyElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
