/** Gives the keyboard back to where it was when a dialog opened, also when a menu that is gone by then opened it. */
import { useRef } from "react";

/** What had the keyboard last, menus aside. */
let last: HTMLElement | null = null;
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && !target.closest("[role=menu]")) last = target;
});

/** Handlers for the content of a Radix dialog. */
export function useFocusReturn() {
  const opener = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: () => {
      opener.current = last;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const back = opener.current?.isConnected ? opener.current : document.getElementById("main");
      back?.focus({ preventScroll: true });
    },
  };
}
