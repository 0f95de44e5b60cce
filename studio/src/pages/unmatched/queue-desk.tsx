import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useEffect, useRef, useState } from "react";
import { type AccountMatch, accountsApi } from "@/api";
import { AccountDialog } from "@/pages/accounts/account-dialog";
import { percent } from "@/pages/accounts/words";
import { Button, Card, Checkbox, Kbd } from "@/ui";
import { OtherAccount } from "./other-account";
import { SuggestionCard } from "./suggestion-card";
import { neighbour } from "./unmatched-page";
import { useDecide } from "./use-decide";
import { useQueueKeys } from "./use-queue-keys";

interface QueueDeskProps {
  readonly items: readonly AccountMatch[];
  readonly total: number;
  readonly wanted: string | undefined;
  readonly onOpen: (lead: string) => void;
  readonly more: { busy: boolean; fetch: () => void } | null;
}

/** The leads at the left, the open one beside its candidates at the right. */
export function QueueDesk({ items, total, wanted, onOpen, more }: QueueDeskProps) {
  const at = Math.max(
    0,
    items.findIndex((item) => item.lead.id === wanted),
  );
  const open = items[at];
  const [learnDomain, setLearnDomain] = useState(true);
  const [learnName, setLearnName] = useState(false);
  const [creating, setCreating] = useState(false);
  const [last, setLast] = useState<readonly string[]>([]);
  const { decide, back } = useDecide((done) => setLast(done.done));
  const list = useRef<HTMLUListElement>(null);
  const openId = open?.lead.id;
  useEffect(() => {
    if (openId) list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [openId]);

  const goOn = (item: AccountMatch) => {
    const next = neighbour(items, item.lead.id);
    if (next) onOpen(next);
  };
  const accept = (item: AccountMatch, account: { id: string; name: string }) => {
    if (decide.isPending) return;
    decide.mutate({
      decision: "accept",
      leads: [{ lead_id: item.lead.id, account_id: account.id }],
      learn_domain: learnDomain,
      learn_name: learnName,
      said: `${nameOf(item)} belongs to ${account.name}`,
    });
    goOn(item);
  };
  const setAside = (item: AccountMatch, decision: "later" | "not_a_company") => {
    if (decide.isPending) return;
    const said = decision === "later" ? "is put off" : "works for no company";
    decide.mutate({ decision, leads: [{ lead_id: item.lead.id }], said: `${nameOf(item)} ${said}` });
    goOn(item);
  };
  useQueueKeys({
    step: (by) => {
      const next = items[at + by];
      if (next) onOpen(next.lead.id);
    },
    choose: (index) => {
      const suggestion = open?.suggestions[index];
      if (open && suggestion) accept(open, suggestion);
    },
    create: () => setCreating(true),
    notACompany: () => open && setAside(open, "not_a_company"),
    later: () => open && setAside(open, "later"),
    undo: () => last.length > 0 && back.mutate(last),
  });
  if (!open) return null;

  return (
    <div className="flex min-h-0 flex-1">
      <section
        aria-label="Leads that wait"
        className="flex w-[340px] shrink-0 flex-col border-r border-border bg-surface max-[1000px]:w-[260px]"
      >
        <p className="flex items-center gap-1.5 border-b border-border px-4 py-2 text-xs text-muted">
          <span className="flex-1">{total.toLocaleString("en")} in all, the surest first</span>
          <Kbd>J</Kbd>
          <Kbd>K</Kbd>
        </p>
        <ul ref={list} className="min-h-0 flex-1 overflow-y-auto">
          {items.map((item) => (
            <li key={item.lead.id}>
              <Entry item={item} open={item.lead.id === open.lead.id} onOpen={() => onOpen(item.lead.id)} />
            </li>
          ))}
        </ul>
        {more ? (
          <div className="flex justify-center border-t border-border p-2">
            <Button variant="ghost" size="small" busy={more.busy} onClick={more.fetch}>
              Show more
            </Button>
          </div>
        ) : null}
      </section>
      <section aria-label="The open lead" className="min-w-0 flex-1 overflow-y-auto px-6 py-5">
        <div className="mx-auto flex max-w-[860px] flex-col gap-4">
          <LeadCard item={open} />
          {open.suggestions.map((suggestion, index) => (
            <SuggestionCard
              key={suggestion.id}
              suggestion={suggestion}
              place={index + 1}
              lead={open}
              onChoose={() => accept(open, suggestion)}
            />
          ))}
          <div className="flex flex-wrap items-center gap-2">
            <OtherAccount onChoose={(account) => accept(open, account)} />
            <Button icon="plus" onClick={() => setCreating(true)}>
              Create account <Kbd>C</Kbd>
            </Button>
            {open.status === "not_a_company" ? null : (
              <Button onClick={() => setAside(open, "not_a_company")}>
                Not a company <Kbd>X</Kbd>
              </Button>
            )}
            {open.status === "later" ? null : (
              <Button onClick={() => setAside(open, "later")}>
                Later <Kbd>L</Kbd>
              </Button>
            )}
          </div>
          <fieldset className="flex flex-wrap gap-x-6 gap-y-2 text-muted">
            <legend className="visually-hidden">What the account learns from your choice</legend>
            <Checkbox
              label="Remember the domain of the address for the account"
              checked={learnDomain}
              onCheckedChange={setLearnDomain}
            />
            <Checkbox
              label="Remember the company’s name as another name of the account"
              checked={learnName}
              onCheckedChange={setLearnName}
            />
          </fieldset>
        </div>
      </section>
      {creating ? (
        <AccountDialog
          start={{
            name: open.company ?? "",
            domains: open.website ?? "",
            country: open.country ?? "",
            city: open.city ?? "",
          }}
          onClose={() => setCreating(false)}
          onDone={(id) => {
            void accountsApi.account(id).then((account) => accept(open, account));
          }}
        />
      ) : null}
    </div>
  );
}

function nameOf(item: AccountMatch): string {
  return item.lead.name || item.email || "The lead";
}

function Entry({ item, open, onOpen }: { item: AccountMatch; open: boolean; onOpen: () => void }) {
  const best = item.suggestions[0];
  return (
    <button
      type="button"
      aria-current={open ? "true" : undefined}
      onClick={onOpen}
      className={clsx(
        "block w-full border-b border-border px-4 py-2.5 text-left",
        open ? "bg-accent-soft" : "hover:bg-sunken",
      )}
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className="truncate font-medium">{item.company ?? item.email ?? nameOf(item)}</span>
        {best ? <span className="text-xs text-muted tabular">{percent(best.confidence)}</span> : null}
      </span>
      <span className="block truncate text-sm text-muted">{best ? `${best.name}?` : nameOf(item)}</span>
    </button>
  );
}

function LeadCard({ item }: { item: AccountMatch }) {
  const rows: [string, string | null][] = [
    ["Company", item.company],
    ["E-mail", item.email],
    ["Website", item.website],
    ["City", item.city],
    ["Country", item.country],
  ];
  return (
    <Card
      title={
        <Link to="/leads/$id" params={{ id: item.lead.id }} className="rounded-sm hover:underline">
          {nameOf(item)}
        </Link>
      }
    >
      <dl className="grid grid-cols-[90px_1fr] gap-x-3 gap-y-1">
        {rows
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
      </dl>
      <p className="mt-3 border-t border-border pt-3">{item.reason}</p>
    </Card>
  );
}
