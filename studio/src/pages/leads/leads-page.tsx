import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type LeadFilter, type LeadSummary, useLeadCounts, useLeads } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import {
  Button,
  Card,
  Cell,
  Checkbox,
  Chip,
  EmptyState,
  HeadCell,
  Loading,
  Row,
  Skeleton,
  Table,
} from "@/ui";
import { BulkBar } from "./bulk-bar";
import { ExampleButton } from "./example-button";
import { LeadCountsPanel } from "./lead-counts-panel";
import { ScoreFigure } from "./score-figure";

const route = getRouteApi("/shell/leads");

/** Every lead, with how many stand where; a count pressed is a filter. */
export function LeadsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const leads = useLeads(filter);
  const counts = useLeadCounts();
  const setFilter = (next: LeadFilter) =>
    void navigate({
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace: true,
    });
  const items = leads.data?.pages.flatMap((page) => page.items) ?? [];
  const total = leads.data?.pages[0]?.total ?? 0;
  const atLeast = leads.data?.pages[0]?.at_least ? "+" : "";
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const select = (ids: string[], on: boolean) =>
    setSelected((now) => {
      const next = new Set(now);
      for (const id of ids) on ? next.add(id) : next.delete(id);
      return next;
    });
  const all = items.length > 0 && items.every(({ id }) => selected.has(id));
  const filtered = Object.values(filter).some(Boolean);

  return (
    <Page
      title="Leads"
      section="leads"
      status={counts.data ? <Chip>{counts.data.total.toLocaleString("en")} in all</Chip> : null}
    >
      <div className="mx-auto flex max-w-[1240px] items-start gap-5">
        <div className="min-w-0 flex-1">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <PausedSearch
              label="Find leads by name, e-mail or company"
              value={filter.search ?? ""}
              onSearch={(search) => setFilter({ ...filter, search })}
            />
            <ActiveFilters filter={filter} onFilter={setFilter} />
            <span className="ml-auto text-muted tabular" role="status">
              {leads.data && filtered ? `${total.toLocaleString("en")}${atLeast} match` : ""}
            </span>
          </div>
          {selected.size > 0 ? <BulkBar selected={selected} onClear={() => setSelected(new Set())} /> : null}
          {leads.isPending ? (
            <LeadsSkeleton />
          ) : leads.isError ? (
            <QueryError error={leads.error} onRetry={() => void leads.refetch()} />
          ) : items.length === 0 ? (
            <Card>
              <NoLeads filtered={filtered} onClear={() => setFilter({})} />
            </Card>
          ) : (
            <Card flush>
              <Table aria-label="Leads">
                <thead>
                  <tr>
                    <HeadCell className="w-8">
                      <Checkbox
                        aria-label="Select all leads shown"
                        checked={all}
                        onCheckedChange={(on) =>
                          select(
                            items.map(({ id }) => id),
                            on,
                          )
                        }
                      />
                    </HeadCell>
                    <HeadCell>Lead</HeadCell>
                    <HeadCell>Company</HeadCell>
                    <HeadCell>Stage</HeadCell>
                    <HeadCell numeric>Score</HeadCell>
                    <HeadCell>Owner</HeadCell>
                    <HeadCell>Changed</HeadCell>
                  </tr>
                </thead>
                <tbody>
                  {items.map((lead) => (
                    <LeadRow
                      key={lead.id}
                      lead={lead}
                      selected={selected.has(lead.id)}
                      onSelect={(on) => select([lead.id], on)}
                    />
                  ))}
                </tbody>
              </Table>
              {leads.hasNextPage ? (
                <div className="flex justify-center border-t border-border p-2">
                  <Button
                    variant="ghost"
                    busy={leads.isFetchingNextPage}
                    onClick={() => void leads.fetchNextPage()}
                  >
                    Show more leads
                  </Button>
                </div>
              ) : null}
            </Card>
          )}
        </div>
        {counts.data && counts.data.total > 0 ? (
          <LeadCountsPanel counts={counts.data} filter={filter} onFilter={setFilter} />
        ) : null}
      </div>
    </Page>
  );
}

interface LeadRowProps {
  lead: LeadSummary;
  selected: boolean;
  onSelect: (on: boolean) => void;
}

function LeadRow({ lead, selected, onSelect }: LeadRowProps) {
  return (
    <Row className="relative">
      <Cell className="relative z-10 w-8">
        <Checkbox
          aria-label={`Select ${lead.name || lead.email || "this lead"}`}
          checked={selected}
          onCheckedChange={onSelect}
        />
      </Cell>
      <Cell className="max-w-[260px]">
        <Link
          to="/leads/$id"
          params={{ id: lead.id }}
          data-row-link
          className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
        >
          {lead.name || lead.email || "Lead without a name"}
        </Link>
        <p className="truncate text-muted">{lead.email ?? "No e-mail"}</p>
      </Cell>
      <Cell className="max-w-[200px] truncate">
        {lead.company ?? <span className="text-faint">Unknown</span>}
      </Cell>
      <Cell>
        <Chip>{lead.stage}</Chip>
      </Cell>
      <Cell numeric>
        <ScoreFigure score={lead.score} />
      </Cell>
      <Cell className="whitespace-nowrap">
        {lead.owner?.name ?? <span className="text-faint">Nobody</span>}
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={lead.updated_at} />
      </Cell>
    </Row>
  );
}

function ActiveFilters({ filter, onFilter }: { filter: LeadFilter; onFilter: (filter: LeadFilter) => void }) {
  const counts = useLeadCounts().data;
  const owner = counts?.by_owner.find((row) => (row.owner?.id ?? "none") === filter.owner);
  const list = counts?.by_list.find(
    (row) => typeof row.list !== "string" && row.list.id === filter.list,
  )?.list;
  const shown: { key: "stage" | "owner" | "list"; words: string }[] = [];
  if (filter.stage) shown.push({ key: "stage", words: `Stage ${filter.stage}` });
  if (filter.owner)
    shown.push({
      key: "owner",
      words: filter.owner === "none" ? "No owner" : `Owner ${owner?.owner?.name ?? ""}`,
    });
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
      To look around first, add an example company: accounts, leads with a past, rules, and a pair of
      duplicates to review. Otherwise leads come in through workflows: the step “Find or create lead” stores
      each one once. Open the example and press “Send a sample”, or bring a file in with{" "}
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
