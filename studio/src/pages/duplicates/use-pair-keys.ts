import { useEffect, useRef } from "react";

/** Single keys that do what the buttons do, unless somebody is typing or something else has the keyboard. */
export function usePairKeys(busy: boolean, actions: Record<string, () => void>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      const typing = target.closest("textarea, select, [contenteditable], [role=dialog], [role=menu]");
      if (typing || (target instanceof HTMLInputElement && target.type !== "radio")) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [busy]);
}
