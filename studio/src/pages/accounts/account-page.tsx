import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Account, type AccountLead, accountKeys, accountsApi, useAccount } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import {
  Button,
  Card,
  Cell,
  Chip,
  ConfirmDialog,
  CopyButton,
  HeadCell,
  IconButton,
  JsonView,
  Loading,
  Menu,
  Row,
  Skeleton,
  Table,
  toast,
} from "@/ui";
import { AccountDialog } from "./account-dialog";
import { AccountTimeline } from "./account-timeline";
import { count, opportunityWords, percent, sinceWords } from "./words";

const route = getRouteApi("/shell/accounts/$id");

/** One company: what is known of it, where it stands in its hierarchy, and why each of its leads is here. */
export function AccountPage() {
  const { id } = route.useParams();
  const account = useAccount(id);
  return (
    <Page
      title={account.data?.name ?? "Account"}
      crumbs={[{ label: "Accounts", to: "/accounts" }]}
      status={account.data?.is_named ? <Chip tone="accent">Named account</Chip> : null}
      actions={account.data ? <AccountActions account={account.data} /> : null}
    >
      <div className="mx-auto max-w-[1160px]">
        {account.isPending ? (
          <AccountSkeleton />
        ) : account.isError ? (
          <QueryError error={account.error} onRetry={() => void account.refetch()} />
        ) : (
          <div className="grid items-start gap-4 lg:grid-cols-[360px_1fr]">
            <div className="flex flex-col gap-4">
              <StandingCard account={account.data} />
              <DomainsCard account={account.data} />
              <HierarchyCard account={account.data} />
              <RecordCard account={account.data} />
            </div>
            <div className="flex min-w-0 flex-col gap-4">
              <LeadsCard account={account.data} />
              <AccountTimeline id={account.data.id} />
            </div>
          </div>
        )}
      </div>
    </Page>
  );
}

function AccountActions({ account }: { account: Account }) {
  const [open, setOpen] = useState<"change" | "delete" | null>(null);
  const client = useQueryClient();
  const navigate = route.useNavigate();
  return (
    <>
      <CopyButton text={account.id} label="Copy id" />
      <Button icon="pencil" onClick={() => setOpen("change")}>
        Change
      </Button>
      <Menu
        align="end"
        trigger={<IconButton icon="more" label="More actions" noTooltip />}
        entries={[{ label: "Delete…", icon: "trash", danger: true, onSelect: () => setOpen("delete") }]}
      />
      {open === "change" ? <AccountDialog account={account} onClose={() => setOpen(null)} /> : null}
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => (next ? undefined : setOpen(null))}
        title={`Delete ${account.name}?`}
        description={
          account.lead_count > 0 || account.children.length > 0
            ? "It has leads or parts, so it cannot be deleted yet. Move them to another account first."
            : "Leads will not be matched to it any more. This cannot be undone."
        }
        confirmLabel="Delete account"
        danger
        onConfirm={async () => {
          try {
            await accountsApi.remove(account.id);
          } catch (error) {
            sayError("The account was not deleted")(error);
            throw error;
          }
          await client.invalidateQueries({ queryKey: accountKeys.all });
          toast({ title: `Deleted ${account.name}` });
          void navigate({ to: "/accounts" });
        }}
      />
    </>
  );
}

function StandingCard({ account }: { account: Account }) {
  return (
    <Card title="Sales">
      <dl className="grid grid-cols-[120px_1fr] gap-x-3 gap-y-1.5">
        <dt className="text-muted">Owner</dt>
        <dd>{account.owner?.name ?? <span className="text-faint">Nobody</span>}</dd>
        <dt className="text-muted">Opportunity</dt>
        <dd>
          {account.opportunity ? (
            <>
              {opportunityWords(account.opportunity)}{" "}
              <span className="text-muted">{sinceWords(account.opportunity)}</span>
            </>
          ) : (
            <span className="text-faint">None open</span>
          )}
        </dd>
        {account.region ? (
          <>
            <dt className="text-muted">Region</dt>
            <dd>{account.region}</dd>
          </>
        ) : null}
      </dl>
    </Card>
  );
}

function DomainsCard({ account }: { account: Account }) {
  return (
    <Card title="Recognised by">
      {account.domains.length > 0 ? (
        <ul className="flex flex-wrap gap-1.5" aria-label="Domains">
          {account.domains.map((domain) => (
            <li key={domain}>
              <Chip icon="globe">{domain}</Chip>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-muted">
          It has no domain. With one, leads with an address there are matched at once.
        </p>
      )}
      {account.aliases.length > 0 ? (
        <p className="mt-2">
          <span className="text-muted">Also called</span> {account.aliases.join(", ")}
        </p>
      ) : null}
      {Object.entries(account.external_ids).map(([system, id]) => (
        <p key={system} className="mt-2">
          <span className="text-muted">Id in {system}</span> <code className="font-mono text-xs">{id}</code>
        </p>
      ))}
    </Card>
  );
}

function HierarchyCard({ account }: { account: Account }) {
  if (account.parents.length === 0 && account.children.length === 0) return null;
  const above = [...account.parents].reverse();
  return (
    <Card title="Hierarchy">
      <ul>
        {above.map((parent, depth) => (
          <li key={parent.id} style={{ paddingLeft: depth * 16 }} className="py-0.5">
            <AccountLink id={parent.id} name={parent.name} />
          </li>
        ))}
        <li style={{ paddingLeft: above.length * 16 }} className="py-0.5 font-semibold" aria-current="page">
          {account.name}
        </li>
        {account.children.map((child) => (
          <li key={child.id} style={{ paddingLeft: (above.length + 1) * 16 }} className="py-0.5">
            <AccountLink id={child.id} name={child.name} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function AccountLink({ id, name }: { id: string; name: string }) {
  return (
    <Link
      to="/accounts/$id"
      params={{ id }}
      className="rounded-sm font-medium text-accent-text hover:underline"
    >
      {name}
    </Link>
  );
}

function RecordCard({ account }: { account: Account }) {
  const rows: [string, string | number | null][] = [
    ["Country", account.country],
    ["City", account.city],
    ["Postal code", account.postal_code],
    ["Street", account.street],
    ["Industry", account.industry],
    ["People", account.size],
    ["First seen", dateTime(account.created_at)],
    ["Last changed", dateTime(account.updated_at)],
  ];
  return (
    <Card title="Record">
      <dl className="grid grid-cols-[108px_1fr] gap-x-3 gap-y-1.5">
        {rows
          .filter(([, value]) => value !== null && value !== "")
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
      </dl>
      {Object.keys(account.fields).length > 0 ? (
        <div className="mt-3 border-t border-border pt-3">
          <h3 className="mb-1 text-xs font-semibold text-muted">Your own fields</h3>
          <JsonView value={account.fields} label="Own fields" />
        </div>
      ) : null}
    </Card>
  );
}

function LeadsCard({ account }: { account: Account }) {
  const more = account.lead_count - account.leads.length;
  return (
    <Card title="Leads" subtitle={count(account.lead_count, "lead")} flush={account.leads.length > 0}>
      {account.leads.length === 0 ? (
        <p className="text-muted">
          No lead belongs here yet. The step “Match to account” brings them, or a person does under{" "}
          <Link to="/unmatched" className="font-medium text-accent-text hover:underline">
            Unmatched
          </Link>
          .
        </p>
      ) : (
        <Table aria-label={`Leads of ${account.name}`}>
          <thead>
            <tr>
              <HeadCell className="!px-4">Lead</HeadCell>
              <HeadCell>Stage</HeadCell>
              <HeadCell>Why it is here</HeadCell>
              <HeadCell numeric>How sure</HeadCell>
            </tr>
          </thead>
          <tbody>
            {account.leads.map((lead) => (
              <LeadRow key={lead.id} lead={lead} />
            ))}
          </tbody>
        </Table>
      )}
      {more > 0 ? (
        <p className="px-4 py-3 text-muted">The newest are shown; there are {count(more, "lead")} more.</p>
      ) : null}
    </Card>
  );
}

function LeadRow({ lead }: { lead: AccountLead }) {
  return (
    <Row className="relative">
      <Cell className="!px-4 max-w-[220px]">
        <Link
          to="/leads/$id"
          params={{ id: lead.id }}
          data-row-link
          className="block truncate rounded-sm font-medium after:absolute after:inset-0"
        >
          {lead.name || lead.email || "Lead without a name"}
        </Link>
        <p className="truncate text-muted">{lead.company ?? lead.email ?? ""}</p>
      </Cell>
      <Cell>
        <Chip>{lead.stage}</Chip>
      </Cell>
      <Cell className="min-w-[200px] text-muted">{lead.reason ?? "Why is not recorded."}</Cell>
      <Cell numeric>
        {lead.is_confirmed ? (
          <Chip tone="ok" icon="check">
            Confirmed
          </Chip>
        ) : lead.confidence === null ? (
          ""
        ) : (
          percent(lead.confidence)
        )}
      </Cell>
    </Row>
  );
}

function AccountSkeleton() {
  return (
    <Loading label="Loading the account" className="grid gap-4 lg:grid-cols-[360px_1fr]">
      <div className="space-y-4">
        <Skeleton className="h-24 rounded-xl" />
        <Skeleton className="h-24 rounded-xl" />
        <Skeleton className="h-56 rounded-xl" />
      </div>
      <Skeleton className="h-96 rounded-xl" />
    </Loading>
  );
}
