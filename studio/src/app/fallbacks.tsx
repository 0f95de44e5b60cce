import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { Button, EmptyState, ErrorState, Loading, Skeleton } from "@/ui";
import { Page } from "./page";

/** While a page's code is on its way. */
export function PageLoading() {
  return (
    <Loading label="Loading the page" className="flex flex-1 flex-col gap-3 p-6">
      <Skeleton className="h-8 w-64" />
      <Skeleton className="h-40 w-full" />
    </Loading>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Page title="Nothing is here">
      <EmptyState
        icon="search"
        title="There is no such page"
        action={
          <Link to="/workflows" className="font-medium text-accent-text hover:underline">
            Go to the workflows
          </Link>
        }
      >
        The address may be mistyped, or what it showed may have been deleted.
      </EmptyState>
    </Page>
  );
}

/** Marks in the session that a reload was tried, so that a broken page is not reloaded for ever. */
const RELOADED = "trunkline.reloaded-for-new-version";

/** A page broke. After an update of the server its old chunks are gone; one reload fetches the new ones. */
export function PageCrash({ error }: { error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const outdated = /dynamically imported module|module script failed/i.test(message);
  useEffect(() => {
    if (!outdated || sessionStorage.getItem(RELOADED)) return;
    sessionStorage.setItem(RELOADED, "yes");
    window.location.reload();
  }, [outdated]);
  return (
    <ErrorState
      title={outdated ? "A newer studio is ready" : "This page stopped working"}
      action={
        <Button
          icon="refresh"
          onClick={() => {
            sessionStorage.removeItem(RELOADED);
            window.location.reload();
          }}
        >
          Reload
        </Button>
      }
    >
      {outdated
        ? "The server was updated while this page was open. Reload to get the new one."
        : `Your saved work is kept. Reload the page; if it happens again, report these words: ${message}`}
    </ErrorState>
  );
}
