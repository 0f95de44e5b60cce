import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import {
  type SuppressionEntry,
  type SuppressionVerdict,
  suppressionKeys,
  suppressionsApi,
  useSuppressions,
} from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Cell,
  Chip,
  ConfirmDialog,
  EmptyState,
  Field,
  HeadCell,
  Icon,
  IconButton,
  Input,
  Loading,
  Row,
  Skeleton,
  Table,
} from "@/ui";
import { AddSuppressionDialog } from "./add-suppression-dialog";
import { ImportSuppressionsDialog } from "./import-suppressions-dialog";
import { reasonLabel } from "./reason-words";

/** Who must not be written to, and whether a given address may. */
export function SuppressionPage() {
  const client = useQueryClient();
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<"add" | "import" | null>(null);
  const [removing, setRemoving] = useState<SuppressionEntry | null>(null);
  const entries = useSuppressions(search);
  const items = entries.data?.pages.flatMap((page) => page.items) ?? [];
  const total = entries.data?.pages[0]?.total ?? 0;
  const close = (shown: boolean) => !shown && setOpen(null);
  return (
    <Page
      title="Suppression"
      section="rules"
      status={entries.data && search === "" ? <Chip>{total.toLocaleString("en")} in all</Chip> : null}
      actions={
        <>
          <Button icon="upload" onClick={() => setOpen("import")}>
            Import a list
          </Button>
          <Button variant="primary" icon="plus" onClick={() => setOpen("add")}>
            Suppress an address
          </Button>
        </>
      }
    >
      <div className="mx-auto flex max-w-[980px] flex-col gap-4">
        <MayWeCard />
        <div className="flex items-center gap-2">
          <PausedSearch label="Find suppressed addresses" value={search} onSearch={setSearch} />
          <span className="text-muted tabular" role="status">
            {entries.data && search !== "" ? `${total.toLocaleString("en")} match` : ""}
          </span>
        </div>
        {entries.isPending ? (
          <Loading label="Loading the addresses">
            <Skeleton className="h-40 rounded-xl" />
          </Loading>
        ) : entries.isError ? (
          <QueryError error={entries.error} onRetry={() => void entries.refetch()} />
        ) : items.length === 0 ? (
          <Card>
            {search !== "" ? (
              <EmptyState icon="search" title="No suppressed address matches">
                The search looks at parts of addresses. Ask above whether one may be written to.
              </EmptyState>
            ) : (
              <EmptyState icon="shield" title="Nobody is suppressed">
                Addresses come here from the step “Suppress”, from lists of your sending service, and by hand.
                Every step that says whom it sends a message to holds it back for them, in every workflow.
              </EmptyState>
            )}
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Suppressed addresses">
              <thead>
                <tr>
                  <HeadCell>Address</HeadCell>
                  <HeadCell>Because</HeadCell>
                  <HeadCell>Source</HeadCell>
                  <HeadCell>Since</HeadCell>
                  <HeadCell>
                    <span className="visually-hidden">Actions</span>
                  </HeadCell>
                </tr>
              </thead>
              <tbody>
                {items.map((entry) => (
                  <Row key={entry.id}>
                    <Cell className="max-w-[300px] truncate font-medium">
                      {entry.address || <span className="text-muted">An erased address</span>}
                      {entry.kind === "domain" ? <span className="text-muted"> (whole domain)</span> : null}
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      <Chip>{reasonLabel(entry.reason)}</Chip>
                    </Cell>
                    <Cell className="max-w-[260px] truncate text-muted">
                      <Source entry={entry} />
                    </Cell>
                    <Cell className="whitespace-nowrap text-muted">
                      <Moment at={entry.at} />
                    </Cell>
                    <Cell className="w-0">
                      <IconButton
                        icon="trash"
                        size="small"
                        label={`Allow messages to ${entry.address || "this address"} again`}
                        onClick={() => setRemoving(entry)}
                      />
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
            {entries.hasNextPage ? (
              <div className="flex justify-center border-t border-border p-2">
                <Button
                  variant="ghost"
                  busy={entries.isFetchingNextPage}
                  onClick={() => void entries.fetchNextPage()}
                >
                  Show more addresses
                </Button>
              </div>
            ) : null}
          </Card>
        )}
      </div>
      <AddSuppressionDialog open={open === "add"} onOpenChange={close} />
      <ImportSuppressionsDialog open={open === "import"} onOpenChange={close} />
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(shown) => !shown && setRemoving(null)}
        title={`Allow messages to ${removing?.address || "this address"} again?`}
        description="Do this only when they have agreed, or the entry was a mistake. A lead that has refused consent is still not written to."
        confirmLabel="Allow messages"
        danger
        onConfirm={async () => {
          if (!removing) return;
          try {
            await suppressionsApi.remove(removing.id);
            await client.invalidateQueries({ queryKey: suppressionKeys.all });
          } catch (error) {
            sayError("The entry was not taken away")(error);
            throw error;
          }
        }}
      />
    </Page>
  );
}

function Source({ entry }: { entry: SuppressionEntry }) {
  const words = [entry.source, entry.by].filter(Boolean).join(", ");
  if (!entry.run_id) return words;
  return (
    <Link to="/runs/$id" params={{ id: entry.run_id }} className="text-accent-text hover:underline">
      {words || "A run"}
    </Link>
  );
}

/** May we write to them? With the evidence. */
function MayWeCard() {
  const [address, setAddress] = useState("");
  const check = useMutation({
    mutationFn: () => suppressionsApi.check(address.trim()),
    onError: sayError("The address was not looked up"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim()) check.mutate();
  };
  return (
    <Card title="May we write to them?">
      <form onSubmit={submit} className="flex items-end gap-2">
        <Field label="E-mail address or telephone number" className="flex-1">
          {(control) => (
            <Input
              {...control}
              value={address}
              placeholder="ada@example.com"
              onChange={(event) => {
                setAddress(event.target.value);
                check.reset();
              }}
            />
          )}
        </Field>
        <Button type="submit" className="h-8" busy={check.isPending} disabled={!address.trim()}>
          Look up
        </Button>
      </form>
      <div role="status" className="mt-3 empty:hidden">
        {check.data ? <Verdict verdict={check.data} /> : null}
      </div>
    </Card>
  );
}

function Verdict({ verdict }: { verdict: SuppressionVerdict }) {
  const [title, tone] = verdict.marketing
    ? ([`Yes. Nothing forbids messages to ${verdict.address}.`, "text-ok"] as const)
    : verdict.service
      ? (["No marketing. Service messages such as an invoice may be sent.", "text-bad"] as const)
      : (["No. Nothing may be sent to them.", "text-bad"] as const);
  return (
    <div className="flex items-start gap-2">
      <Icon name={verdict.marketing ? "done" : "cancelled"} className={tone} />
      <div>
        <p className="text-base font-medium">{title}</p>
        {verdict.why ? <p className="text-muted">{verdict.why}</p> : null}
        {verdict.lead_id ? (
          <Link
            to="/leads/$id"
            params={{ id: verdict.lead_id }}
            className="text-accent-text underline-offset-2 hover:underline"
          >
            Open the lead
          </Link>
        ) : null}
      </div>
    </div>
  );
}
