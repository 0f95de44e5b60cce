import { useMutation } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type RoutingTable, usePools, useTeamOwners } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, Checkbox, Field, Select } from "@/ui";
import { type RulebookEdit, RulebookPage } from "../rulebook/rulebook-page";
import { ExplainCard } from "./explain-card";
import { Sheet } from "./sheet";
import { SheetFiles } from "./sheet-files";

const route = getRouteApi("/shell/routing/$id");

/** One routing table: edited as a sheet, read as a document, tried on a lead and on the past, published. */
export function RoutingTablePage() {
  const { id } = route.useParams();
  return (
    <RulebookPage<RoutingTable>
      kind="routing_table"
      id={id}
      list={{ label: "Routing", to: "/routing" }}
      noun="table"
      counts="It counts from the next lead on."
      loss="Steps that use it will fail until another table is chosen. Leads keep their owners."
      actions={(edit) => (
        <>
          <SheetFiles table={edit.draft} name={edit.book.name} onRead={edit.set} />
          <SimulateButton id={id} settle={edit.settle} />
        </>
      )}
    >
      {(edit) => <TableEditor {...edit} />}
    </RulebookPage>
  );
}

/** Saves what was typed and goes where the draft is tried on the past. */
function SimulateButton({ id, settle }: { id: string; settle: () => Promise<unknown> }) {
  const navigate = useNavigate();
  const go = useMutation({
    mutationFn: settle,
    onSuccess: () => navigate({ to: "/routing/$id/fairness", params: { id } }),
    onError: sayError("The change was not saved"),
  });
  return (
    <Button icon="chart" busy={go.isPending} onClick={() => go.mutate()}>
      Simulate
    </Button>
  );
}

function TableEditor({ draft: table, set, saved, book }: RulebookEdit<RoutingTable>) {
  const pools = usePools();
  const owners = useTeamOwners();
  const poolNames = pools.data?.items.map((pool) => pool.name) ?? [];
  const ownerNames = owners.data?.map((owner) => owner.name) ?? [];
  const teams = [...new Set(owners.data?.flatMap(({ work }) => (work?.team ? [work.team] : [])))].sort();
  const fallbacks = [...new Set([...ownerNames, ...(table.fallback ? [table.fallback] : [])])];
  const others = book.problems.filter((problem) => !problem.field.includes("/cells/"));
  const gaps = book.lints.filter((lint) => lint.row === undefined);
  const setFirst = (part: Partial<RoutingTable["first"]>) =>
    set({ ...table, first: { ...table.first, ...part } });
  return (
    <>
      <Card title="Before the rows" subtitle="looked at first, in this order">
        <div className="flex flex-wrap gap-x-6 gap-y-2">
          <Checkbox
            label="Keep the owner a lead has"
            checked={table.first.keep_owner}
            onCheckedChange={(on) => setFirst({ keep_owner: on })}
          />
          <Checkbox
            label="The owner of its account first"
            checked={table.first.account_owner}
            onCheckedChange={(on) => setFirst({ account_owner: on })}
          />
          <Checkbox
            label="Same owner for all leads of one account"
            checked={table.first.same_account}
            onCheckedChange={(on) => setFirst({ same_account: on })}
          />
        </div>
      </Card>
      <Card title="Rows" subtitle="the first row a lead meets decides; empty cells are anything" flush>
        <Sheet
          table={table}
          onChange={set}
          problems={saved ? book.problems : []}
          lints={saved ? book.lints : []}
          pools={poolNames}
          owners={ownerNames}
          teams={teams}
        />
        <div className="flex flex-wrap items-end gap-4 border-t border-border px-4 py-3">
          <Field label="When nobody can take a lead" className="w-[260px]">
            {(control) => (
              <Select
                {...control}
                value={table.fallback || undefined}
                placeholder="Choose an owner…"
                options={fallbacks.map((name) => ({ value: name, label: name }))}
                onValueChange={(name) => set({ ...table, fallback: name })}
              />
            )}
          </Field>
          <ul className="grow space-y-0.5" aria-live="polite">
            {others.map((problem) => (
              <li key={problem.field + problem.message} className="text-bad">
                {startBig(problem.message)}.
              </li>
            ))}
            {gaps.map((lint) => (
              <li key={lint.message} className="text-warn">
                {lint.message}
              </li>
            ))}
          </ul>
        </div>
      </Card>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card title="In words" subtitle="as anybody can read it">
          <ol className="list-decimal space-y-1 pl-5">
            {book.words.map((sentence, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same
              <li key={place}>{sentence}</li>
            ))}
          </ol>
        </Card>
        <ExplainCard table={table} name={book.name} />
      </div>
    </>
  );
}

function startBig(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
