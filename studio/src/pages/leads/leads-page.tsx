import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { filterDocument, type LeadFilter, useLeadCounts, useLeads } from "@/api";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { Button, Card, Chip, EmptyState, Loading, Skeleton } from "@/ui";
import {
  columnsOf,
  filterOf,
  type LeadAddress,
  matchesInWords,
  readLeadAddress,
  sortOf,
  USUAL_COLUMNS,
} from "./address";
import { BulkBar } from "./bulk-bar";
import { ChangeDialog } from "./change-dialog";
import { ColumnsButton } from "./columns-button";
import { ExampleButton } from "./example-button";
import { ExportMenu } from "./export-menu";
import { FilterButton } from "./filter-button";
import { LeadCountsPanel } from "./lead-counts-panel";
import { LeadsTable } from "./leads-table";
import { ViewsBar } from "./views-bar";

const route = getRouteApi("/shell/leads");

/** Every lead, with how many stand where; a count pressed is a filter, and all of it stands in the address. */
export function LeadsPage() {
  const address = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: LeadAddress) => void navigate({ search: readLeadAddress({ ...next }), replace: true });
  const [filter, columns, sort] = [filterOf(address), columnsOf(address), sortOf(address)];
  const leads = useLeads({ ...filter, sort: address.sort }, columns.join(","));
  const counts = useLeadCounts();
  const setFilter = (next: LeadFilter) => {
    const { filter: rule, sort: _sort, ...plain } = next;
    go({ ...address, ...(plain as LeadAddress), ...(rule ? { filter: rule } : {}) });
  };
  const pages = leads.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const sum = pages[0];
  // With a rule only what was looked at is known to match.
  const total = Math.max(sum?.total ?? 0, items.length);
  const atLeast = Boolean(sum?.at_least && (leads.hasNextPage || sum.total > items.length));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [changing, setChanging] = useState<"ticked" | "all" | null>(null);
  const select = (ids: string[], on: boolean) =>
    setSelected((now) => {
      const next = new Set(now);
      for (const id of ids) on ? next.add(id) : next.delete(id);
      return next;
    });
  const filtered = Object.values(filter).some(Boolean);
  const lookedAt = pages.reduce((sum, page) => sum + page.looked_at, 0);
  // Where no index has the answer, only part of the leads was looked at so far, and that is said.
  const isPart = leads.hasNextPage && lookedAt > 0;

  return (
    <Page
      title="Leads"
      section="leads"
      status={counts.data ? <Chip>{counts.data.total.toLocaleString("en")} in all</Chip> : null}
      actions={<ViewsBar address={address} onAddress={go} />}
    >
      <div className="mx-auto flex max-w-[1240px] items-start gap-5">
        <div className="min-w-0 flex-1">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <PausedSearch
              label="Find leads by name, e-mail or company"
              value={address.search ?? ""}
              onSearch={(search) => go({ ...address, search })}
            />
            <FilterButton
              rule={address.filter}
              onRule={(rule) => {
                const { filter: _rule, ...rest } = address;
                go(rule ? { ...rest, filter: rule } : rest);
              }}
            />
            <ActiveFilters filter={filter} onFilter={setFilter} />
            <span className="ml-auto flex items-center gap-2">
              <span className="text-muted tabular" role="status">
                {leads.data && filtered ? matchesInWords({ total, atLeast, lookedAt, isPart }) : ""}
              </span>
              <ColumnsButton
                columns={columns}
                onColumns={(next) => go({ ...address, columns: shortened(next) })}
              />
              <ExportMenu filter={filter} columns={columns} sort={sort} />
            </span>
          </div>
          {selected.size > 0 ? (
            <BulkBar
              selected={selected}
              onClear={() => setSelected(new Set())}
              onMore={() => setChanging("ticked")}
            >
              <ExportMenu
                filter={filter}
                columns={columns}
                sort={sort}
                leads={selected}
                label="Export these"
              />
            </BulkBar>
          ) : null}
          {leads.isPending ? (
            <LeadsSkeleton />
          ) : leads.isError ? (
            <QueryError error={leads.error} onRetry={() => void leads.refetch()} />
          ) : items.length === 0 && !leads.hasNextPage ? (
            <Card>
              <NoLeads filtered={filtered} onClear={() => go({})} />
            </Card>
          ) : (
            <Card flush>
              <LeadsTable
                items={items}
                columns={columns}
                sort={sort}
                onSort={(next) => go({ ...address, sort: next })}
                selected={selected}
                onSelect={select}
              />
              {isPart && items.length === 0 ? (
                <p className="px-3 py-6 text-center text-muted">
                  None of the {lookedAt.toLocaleString("en")} leads looked at so far matches. There are more.
                </p>
              ) : null}
              <div className="flex flex-wrap items-center justify-center gap-2 border-t border-border p-2">
                {leads.hasNextPage ? (
                  <Button
                    variant="ghost"
                    busy={leads.isFetchingNextPage}
                    onClick={() => void leads.fetchNextPage()}
                  >
                    {isPart ? "Look through more leads" : "Show more leads"}
                  </Button>
                ) : null}
                <Button variant="ghost" icon="pencil" onClick={() => setChanging("all")}>
                  Change all that match
                </Button>
              </div>
            </Card>
          )}
        </div>
        {counts.data && counts.data.total > 0 ? (
          <LeadCountsPanel counts={counts.data} filter={filter} onFilter={setFilter} />
        ) : null}
      </div>
      {changing ? (
        <ChangeDialog
          which={changing === "ticked" ? { leads: [...selected] } : { filter: filterDocument(filter) }}
          count={changing === "ticked" ? selected.size : atLeast ? null : total}
          onClose={() => {
            setChanging(null);
            setSelected(new Set());
          }}
        />
      ) : null}
    </Page>
  );
}

/** Columns as the address keeps them: nothing for the usual ones. */
function shortened(columns: string[]): string {
  const names = columns.join(",");
  return names === USUAL_COLUMNS.join(",") ? "" : names;
}

function ActiveFilters({ filter, onFilter }: { filter: LeadFilter; onFilter: (filter: LeadFilter) => void }) {
  const counts = useLeadCounts().data;
  const owner = counts?.by_owner.find((row) => (row.owner?.id ?? "none") === filter.owner);
  const list = counts?.by_list.find(
    (row) => typeof row.list !== "string" && row.list.id === filter.list,
  )?.list;
  const shown: { key: "stage" | "owner" | "list" | "segment" | "import"; words: string }[] = [];
  if (filter.stage) shown.push({ key: "stage", words: `Stage ${filter.stage}` });
  if (filter.owner)
    shown.push({
      key: "owner",
      words: filter.owner === "none" ? "No owner" : `Owner ${owner?.owner?.name ?? ""}`,
    });
  if (filter.segment) shown.push({ key: "segment", words: `In ${filter.segment}` });
  if (filter.import) shown.push({ key: "import", words: "Of one import" });
  if (filter.list)
    shown.push({ key: "list", words: `On ${typeof list === "object" ? list.name : "a list"}` });
  return shown.map(({ key, words }) => (
    <Button
      key={key}
      size="small"
      icon="close"
      aria-label={`${words}: remove this filter`}
      onClick={() => onFilter({ ...filter, [key]: undefined })}
    >
      {words}
    </Button>
  ));
}

function NoLeads({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        icon="search"
        title="No lead matches"
        action={<Button onClick={onClear}>Show all leads</Button>}
      >
        The search looks for the beginnings of words in names, e-mails, companies, phone numbers and ids.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="person"
      title="No leads yet"
      action={
        <div className="flex items-center gap-3">
          <ExampleButton />
          <Link to="/workflows" className="font-medium text-accent-text hover:underline">
            Open the workflows
          </Link>
        </div>
      }
    >
      To look around first, add an example company: accounts, leads with a past, rules, an imported list and a
      pair of duplicates to review. Otherwise leads come in through workflows: the step “Find or create lead”
      stores each one once. Open the example and press “Send a sample”, or bring a file in with{" "}
      <code className="font-mono text-xs">trunkline import leads FILE --workflow NAME</code>.
    </EmptyState>
  );
}

function LeadsSkeleton() {
  return (
    <Loading label="Loading the leads">
      <Card flush>
        {["a", "b", "c", "d", "e", "f"].map((row) => (
          <div key={row} className="flex items-center gap-6 border-b border-border px-3 py-3 last:border-0">
            <Skeleton className="h-4 w-44" />
            <Skeleton className="h-4 w-32" />
            <Skeleton className="h-5 w-14 rounded-full" />
            <div className="flex-1" />
            <Skeleton className="h-4 w-20" />
          </div>
        ))}
      </Card>
    </Loading>
  );
}
