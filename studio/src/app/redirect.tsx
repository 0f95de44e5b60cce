import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

/**
 * Goes to another address once, when shown. The router's own `Navigate` goes again at every render, which never ends
 * inside a component that itself watches the address.
 */
export function Redirect({ to }: { to: string }) {
  const router = useRouter();
  const gone = useRef(false);
  useEffect(() => {
    if (gone.current) return;
    gone.current = true;
    router.history.replace(to);
  }, [router, to]);
  return null;
}
