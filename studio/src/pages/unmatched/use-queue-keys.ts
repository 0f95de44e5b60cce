/** J and K go through the leads that wait; other keys decide about the open one. Never while somebody types. */
import { useEffect, useRef } from "react";

interface QueueKeys {
  readonly step: (by: 1 | -1) => void;
  /** Counted from 0. */
  readonly choose: (suggestion: number) => void;
  readonly create: () => void;
  readonly notACompany: () => void;
  readonly later: () => void;
  readonly undo: () => void;
}

export function useQueueKeys(keys: QueueKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusyElsewhere(event.target))
        return;
      const key = event.key.toLowerCase();
      const now = latest.current;
      if (key === "j" || key === "k") now.step(key === "j" ? 1 : -1);
      else if (/^[1-5]$/.test(key)) now.choose(Number(key) - 1);
      else if (key === "c") now.create();
      else if (key === "x") now.notACompany();
      else if (key === "l") now.later();
      else if (key === "z") now.undo();
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
