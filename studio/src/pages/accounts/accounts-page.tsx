import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type AccountFilter, type AccountSummary, useAccounts } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import {
  Button,
  Card,
  Cell,
  Chip,
  EmptyState,
  HeadCell,
  Loading,
  Row,
  Segmented,
  Skeleton,
  Table,
} from "@/ui";
import { AccountDialog } from "./account-dialog";
import { ImportDialog } from "./import-dialog";
import { opportunityWords } from "./words";

const route = getRouteApi("/shell/accounts");

type Shown = "all" | "named" | "open";

const SHOWN: { value: Shown; label: string }[] = [
  { value: "all", label: "All" },
  { value: "named", label: "Named" },
  { value: "open", label: "With an open opportunity" },
];

/** Every company leads work for. */
export function AccountsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const accounts = useAccounts(filter);
  const [open, setOpen] = useState<"new" | "import" | null>(null);
  const setFilter = (next: AccountFilter) =>
    void navigate({
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace: true,
    });
  const items = accounts.data?.pages.flatMap((page) => page.items) ?? [];
  const total = accounts.data?.pages[0]?.total ?? 0;
  const filtered = Object.values(filter).some(Boolean);
  const shown: Shown = filter.named ? "named" : filter.open ? "open" : "all";
  const show = (next: Shown) =>
    setFilter({
      search: filter.search,
      named: next === "named" ? "true" : undefined,
      open: next === "open" ? "true" : undefined,
    });

  return (
    <Page
      title="Accounts"
      section="leads"
      status={accounts.data ? <Chip>{total.toLocaleString("en")}</Chip> : null}
      actions={
        <>
          <Button icon="upload" onClick={() => setOpen("import")}>
            Import
          </Button>
          <Button variant="primary" icon="plus" onClick={() => setOpen("new")}>
            New account
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-[1240px]">
        <div className="mb-3 flex flex-wrap items-center gap-3">
          <PausedSearch
            label="Find accounts by name, domain or city"
            value={filter.search ?? ""}
            onSearch={(search) => setFilter({ ...filter, search })}
          />
          <Segmented<Shown>
            label="Which accounts are shown"
            options={SHOWN}
            value={shown}
            onValueChange={show}
          />
          <span className="ml-auto text-muted tabular" role="status">
            {accounts.data && filtered ? `${total.toLocaleString("en")} match` : ""}
          </span>
        </div>
        {accounts.isPending ? (
          <AccountsSkeleton />
        ) : accounts.isError ? (
          <QueryError error={accounts.error} onRetry={() => void accounts.refetch()} />
        ) : items.length === 0 ? (
          <Card>
            <NoAccounts
              filtered={filtered}
              onClear={() => setFilter({})}
              onNew={() => setOpen("new")}
              onImport={() => setOpen("import")}
            />
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Accounts">
              <thead>
                <tr>
                  <HeadCell>Account</HeadCell>
                  <HeadCell>Place</HeadCell>
                  <HeadCell>Open opportunity</HeadCell>
                  <HeadCell>Owner</HeadCell>
                  <HeadCell numeric>Leads</HeadCell>
                  <HeadCell>Changed</HeadCell>
                </tr>
              </thead>
              <tbody>
                {items.map((account) => (
                  <AccountRow key={account.id} account={account} />
                ))}
              </tbody>
            </Table>
            {accounts.hasNextPage ? (
              <div className="flex justify-center border-t border-border p-2">
                <Button
                  variant="ghost"
                  busy={accounts.isFetchingNextPage}
                  onClick={() => void accounts.fetchNextPage()}
                >
                  Show more accounts
                </Button>
              </div>
            ) : null}
          </Card>
        )}
      </div>
      {open === "new" ? <AccountDialog onClose={() => setOpen(null)} /> : null}
      {open === "import" ? <ImportDialog onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function AccountRow({ account }: { account: AccountSummary }) {
  const place = [account.city, account.country].filter(Boolean).join(", ") || account.region;
  return (
    <Row className="relative">
      <Cell className="max-w-[300px]">
        <span className="flex items-center gap-2">
          <Link
            to="/accounts/$id"
            params={{ id: account.id }}
            data-row-link
            className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
          >
            {account.name}
          </Link>
          {account.is_named ? <Chip tone="accent">Named</Chip> : null}
        </span>
        <p className="truncate text-muted">{account.domains.join(", ") || "No domain"}</p>
      </Cell>
      <Cell className="max-w-[180px] truncate">{place ?? <span className="text-faint">Unknown</span>}</Cell>
      <Cell className="whitespace-nowrap">
        {account.opportunity ? (
          opportunityWords(account.opportunity)
        ) : (
          <span className="text-faint">None</span>
        )}
      </Cell>
      <Cell className="whitespace-nowrap">
        {account.owner?.name ?? <span className="text-faint">Nobody</span>}
      </Cell>
      <Cell numeric>{account.leads.toLocaleString("en")}</Cell>
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={account.updated_at} />
      </Cell>
    </Row>
  );
}

interface NoAccountsProps {
  filtered: boolean;
  onClear: () => void;
  onNew: () => void;
  onImport: () => void;
}

function NoAccounts({ filtered, onClear, onNew, onImport }: NoAccountsProps) {
  if (filtered) {
    return (
      <EmptyState
        icon="search"
        title="No account matches"
        action={<Button onClick={onClear}>Show all accounts</Button>}
      >
        The search looks at names, domains, cities and ids of other systems.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="building"
      title="No accounts yet"
      action={
        <>
          <Button variant="primary" icon="upload" onClick={onImport}>
            Import a table
          </Button>
          <Button onClick={onNew}>Create one by hand</Button>
        </>
      }
    >
      An account is a company your leads work for. Once it is here with its domain, the step “Match to
      account” finds it for every lead, and says why.
    </EmptyState>
  );
}

function AccountsSkeleton() {
  return (
    <Loading label="Loading the accounts">
      <Card flush>
        {["a", "b", "c", "d", "e", "f"].map((row) => (
          <div key={row} className="flex items-center gap-6 border-b border-border px-3 py-3 last:border-0">
            <Skeleton className="h-4 w-44" />
            <Skeleton className="h-4 w-32" />
            <div className="flex-1" />
            <Skeleton className="h-4 w-20" />
          </div>
        ))}
      </Card>
    </Loading>
  );
}
