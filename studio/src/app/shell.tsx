import { Outlet, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useSession, whenServed } from "@/api";
import { Spinner } from "@/ui";
import { CommandPalette } from "./command-palette";
import { ConnectionBanner } from "./connection-banner";
import { QueryError } from "./query-error";
import { Mark, Rail } from "./rail";
import { Redirect } from "./redirect";

// Not worth a broken page: when its code cannot be had, as after an update, there is no strip until the next load.
const JobStrip = lazy(() =>
  whenServed(() => import("@/jobs/job-strip")).then(
    ({ JobStrip }) => ({ default: JobStrip }),
    () => ({ default: () => null }),
  ),
);

/** What surrounds every page of a signed-in user. Sends everybody else to where they can become one. */
export function Shell() {
  const session = useSession();
  const { history } = useRouter();
  const [palette, setPalette] = useState(false);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.metaKey || event.ctrlKey) ||
        event.shiftKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      setPalette((open) => !open);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);

  if (session.isPending) return <Starting />;
  if (session.isError) return <QueryError error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data.state === "setup") return <Redirect to="/setup" />;
  if (session.data.state === "signed_out") {
    const { pathname, href } = history.location;
    return <Redirect to={pathname === "/" ? "/sign-in" : `/sign-in?back=${encodeURIComponent(href)}`} />;
  }
  return (
    <div className="flex h-full">
      <a
        href="#main"
        className="visually-hidden absolute top-2 left-2 z-60 rounded-md bg-accent px-3 py-1.5 text-on-accent"
      >
        Skip to the content
      </a>
      <Rail onSearch={() => setPalette(true)} />
      <div className="flex min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <Outlet />
        <Suspense fallback={null}>
          <JobStrip />
        </Suspense>
      </div>
      <CommandPalette open={palette} onOpenChange={setPalette} />
    </div>
  );
}

/** The moment before it is known who is there. */
function Starting() {
  return (
    <div className="flex h-full flex-col">
      <ConnectionBanner />
      <div role="status" className="flex flex-1 flex-col items-center justify-center gap-3 text-muted">
        <span className="grid size-11 place-items-center rounded-xl bg-text text-inverse">
          <Mark size={26} />
        </span>
        <span className="flex items-center gap-2">
          <Spinner size={14} /> Opening the studio…
        </span>
      </div>
    </div>
  );
}
