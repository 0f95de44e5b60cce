import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type AccountMatch, type MatchStatus, useAccountMatches, useMatchCounts } from "@/api";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { Button, EmptyState, Loading, Segmented, Skeleton } from "@/ui";
import { AcceptMany } from "./accept-many";
import { QueueDesk } from "./queue-desk";

const route = getRouteApi("/shell/unmatched");

type Waiting = Exclude<MatchStatus, "matched">;

/** Leads whose account is not sure, each beside the accounts that may be meant. */
export function UnmatchedPage() {
  const { status = "ambiguous", search = "", lead } = route.useSearch();
  const navigate = route.useNavigate();
  const matches = useAccountMatches(status, search);
  const counts = useMatchCounts();
  const [many, setMany] = useState(false);
  const items = matches.data?.pages.flatMap((page) => page.items) ?? [];
  const total = matches.data?.pages[0]?.total ?? 0;
  const show = (next: { status?: Waiting; search?: string; lead?: string }) =>
    void navigate({
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace: true,
    });
  const counted = (waiting: Waiting, words: string) => ({
    value: waiting,
    label: counts.data ? `${words} ${counts.data[waiting].toLocaleString("en")}` : words,
  });

  return (
    <Page
      title="Unmatched"
      section="leads"
      fill
      actions={
        status === "ambiguous" && total > 0 ? (
          <Button icon="check" onClick={() => setMany(true)}>
            Accept the surest…
          </Button>
        ) : null
      }
    >
      <div className="flex min-h-0 flex-1 flex-col">
        <div className="flex flex-wrap items-center gap-3 border-b border-border bg-surface px-4 py-2">
          <Segmented<Waiting>
            label="Which leads are shown"
            options={[
              counted("ambiguous", "Unsure"),
              counted("none", "No account"),
              counted("later", "Put off"),
              counted("not_a_company", "No company"),
            ]}
            value={status}
            onValueChange={(next) => show({ status: next, search })}
          />
          <PausedSearch
            label="Find leads by name, e-mail or company"
            value={search}
            onSearch={(text) => show({ status, search: text })}
          />
        </div>
        {matches.isPending ? (
          <QueueSkeleton />
        ) : matches.isError && !matches.data ? (
          <div className="m-auto">
            <QueryError error={matches.error} onRetry={() => void matches.refetch()} />
          </div>
        ) : items.length === 0 ? (
          <NothingWaits status={status} searched={search !== ""} matched={counts.data?.matched ?? 0} />
        ) : (
          <QueueDesk
            items={items}
            total={total}
            wanted={lead}
            onOpen={(id) => show({ status, search, lead: id })}
            more={
              matches.hasNextPage
                ? { busy: matches.isFetchingNextPage, fetch: () => void matches.fetchNextPage() }
                : null
            }
          />
        )}
      </div>
      {many ? <AcceptMany items={items} total={total} onClose={() => setMany(false)} /> : null}
    </Page>
  );
}

const NOTHING: Record<Waiting, { title: string; text: string }> = {
  ambiguous: {
    title: "No lead is unsure",
    text: "Leads come here when several accounts fit alike, or one fits not well enough to be sure.",
  },
  none: {
    title: "Every lead has an account, or may have one",
    text: "Leads come here when no account has their domain, or a name like theirs.",
  },
  later: { title: "Nothing was put off", text: "What you put off with L comes here." },
  not_a_company: {
    title: "Nobody was marked so",
    text: "Leads that work for no company, such as students, come here when you say so.",
  },
};

function NothingWaits({
  status,
  searched,
  matched,
}: {
  status: Waiting;
  searched: boolean;
  matched: number;
}) {
  if (searched) {
    return (
      <EmptyState className="m-auto" icon="search" title="No lead matches">
        The search looks at names, e-mails and companies of the leads that stand so.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      className="m-auto"
      icon="building"
      title={NOTHING[status].title}
      action={
        matched === 0 ? (
          <Link to="/accounts" className="font-medium text-accent-text hover:underline">
            Open the accounts
          </Link>
        ) : null
      }
    >
      {NOTHING[status].text} A workflow asks with the step “Match to account”.
    </EmptyState>
  );
}

/** The lead to show after `gone` has been decided. */
export function neighbour(items: readonly AccountMatch[], gone: string): string | undefined {
  const at = items.findIndex((item) => item.lead.id === gone);
  return (items[at + 1] ?? items[at - 1])?.lead.id;
}

function QueueSkeleton() {
  return (
    <Loading label="Loading the leads" className="flex flex-1">
      <div className="w-[340px] space-y-3 border-r border-border p-4">
        {["a", "b", "c", "d", "e"].map((row) => (
          <Skeleton key={row} className="h-10" />
        ))}
      </div>
      <div className="flex-1 space-y-4 p-6">
        <Skeleton className="h-32 rounded-xl" />
        <Skeleton className="h-44 rounded-xl" />
      </div>
    </Loading>
  );
}
