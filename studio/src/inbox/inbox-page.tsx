import { getRouteApi, Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useEffect, useRef, useState } from "react";
import { type InboxItem, type InboxKind, useInbox } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { EmptyState, Icon, Kbd, Loading, Segmented, Skeleton } from "@/ui";
import { QuestionCard } from "./question-card";
import { useAnswer } from "./use-answer";
import { useInboxKeys } from "./use-inbox-keys";
import { type Answer, answersTo, dueInWords, headingOf, isSoon } from "./words";

const route = getRouteApi("/shell/inbox");

type Shown = InboxKind | "all";

const KINDS: { value: Shown; label: string }[] = [
  { value: "all", label: "Everything" },
  { value: "approval", label: "Approvals" },
  { value: "decision", label: "Did it happen?" },
];

/** Everything that waits for a person's word, the oldest first. */
export function InboxPage() {
  const { kind, item: wanted } = route.useSearch();
  const navigate = route.useNavigate();
  const inbox = useInbox(kind);
  const show = (next: { kind?: InboxKind; item?: string }) => void navigate({ search: next, replace: true });
  return (
    <Page
      title="Inbox"
      centre={
        <Segmented<Shown>
          label="What is shown"
          options={KINDS}
          value={kind ?? "all"}
          onValueChange={(next) => show(next === "all" ? {} : { kind: next })}
        />
      }
      fill
    >
      {inbox.isPending ? (
        <InboxSkeleton />
      ) : inbox.isError && !inbox.data ? (
        <div className="m-auto">
          <QueryError error={inbox.error} onRetry={() => void inbox.refetch()} />
        </div>
      ) : inbox.data.items.length === 0 ? (
        <NothingWaits kind={kind} all={inbox.data.count} />
      ) : (
        <Desk
          items={inbox.data.items}
          count={kind ? inbox.data.items.length : inbox.data.count}
          wanted={wanted}
          onOpen={(item) => show({ ...(kind ? { kind } : {}), item })}
        />
      )}
    </Page>
  );
}

interface DeskProps {
  readonly items: readonly InboxItem[];
  readonly count: number;
  readonly wanted: string | undefined;
  readonly onOpen: (id: string) => void;
}

/** The list at the left, the open question at the right. */
function Desk({ items, count, wanted, onOpen }: DeskProps) {
  const at = Math.max(
    0,
    items.findIndex((item) => item.id === wanted),
  );
  const open = items[at];
  const [notes, setNotes] = useState<Readonly<Record<string, string>>>({});
  const [said, setSaid] = useState("");
  const answer = useAnswer((gone) => {
    const next = items[at + 1] ?? items[at - 1];
    if (next && gone.id === open?.id) onOpen(next.id);
  });
  const list = useRef<HTMLUListElement>(null);
  const send = (item: InboxItem, chosen: Answer) => {
    setSaid(`${headingOf(item)}: ${chosen.label}`);
    answer.mutate({ item, answer: chosen, note: notes[item.id] ?? "" });
  };
  useInboxKeys({
    step: (by) => {
      const next = items[at + by];
      if (next) onOpen(next.id);
    },
    choose: (index) => {
      const chosen = open && answersTo(open)[index];
      if (open && chosen) send(open, chosen);
    },
  });
  const openId = open?.id;
  useEffect(() => {
    if (openId) list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [openId]);

  return (
    <>
      <section
        aria-label="What waits"
        className="flex w-[360px] shrink-0 flex-col border-r border-border bg-surface max-[1000px]:w-[280px]"
      >
        <p className="flex items-center gap-1.5 border-b border-border px-4 py-2 text-xs text-muted">
          <span className="flex-1">
            {count.toLocaleString("en")} {count === 1 ? "waits" : "wait"} for you
          </span>
          <Kbd>J</Kbd>
          <Kbd>K</Kbd>
        </p>
        <ul ref={list} className="min-h-0 flex-1 overflow-y-auto">
          {items.map((item) => (
            <li key={item.id}>
              <Entry item={item} open={item.id === openId} onOpen={() => onOpen(item.id)} />
            </li>
          ))}
          {count > items.length ? (
            <li className="px-4 py-3 text-xs text-muted">
              {(count - items.length).toLocaleString("en")} more appear here as you answer these.
            </li>
          ) : null}
        </ul>
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section aria-label="The open question" tabIndex={0} className="min-w-0 flex-1 overflow-auto p-6">
        <div className="mx-auto max-w-[680px]">
          {open ? (
            <QuestionCard
              key={open.id}
              item={open}
              withKeys
              note={notes[open.id] ?? ""}
              onNote={(note) => setNotes((known) => ({ ...known, [open.id]: note }))}
              onAnswer={(chosen) => send(open, chosen)}
            />
          ) : null}
        </div>
      </section>
      <p role="status" className="visually-hidden">
        {said}
      </p>
    </>
  );
}

function Entry({ item, open, onOpen }: { item: InboxItem; open: boolean; onOpen: () => void }) {
  const due = dueInWords(item.due_at, Date.now());
  const decision = item.kind === "decision";
  return (
    <button
      type="button"
      aria-current={open ? "true" : undefined}
      onClick={onOpen}
      className={clsx(
        "flex w-full items-start gap-2.5 border-b border-border px-4 py-3 text-left transition-colors",
        open ? "bg-accent-soft" : "hover:bg-hover",
      )}
    >
      <Icon
        name={decision ? "warning" : "hand"}
        size={16}
        label={decision ? "Did it happen?" : "Approval"}
        className={clsx("mt-0.5", decision ? "text-warn" : "text-muted")}
      />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-semibold">{headingOf(item)}</span>
        <span className="block truncate text-sm text-muted">
          {[item.subject, item.workflow_name].filter(Boolean).join(" · ")}
        </span>
        <span className="mt-0.5 flex gap-2 text-xs text-muted">
          <Moment at={item.asked_at} />
          {due ? <span className={isSoon(item.due_at) ? "text-warn" : undefined}>{due}</span> : null}
        </span>
      </span>
    </button>
  );
}

const LINK = "font-medium text-accent-text hover:underline";

function NothingWaits({ kind, all }: { kind: InboxKind | undefined; all: number }) {
  if (kind && all > 0) {
    return (
      <EmptyState
        className="m-auto"
        icon="inbox"
        title={kind === "approval" ? "No approval waits" : "Nothing is uncertain"}
        action={
          <Link to="/inbox" className={LINK}>
            Show everything that waits
          </Link>
        }
      >
        {all === 1 ? "One thing of the other kind waits." : `${all} things of the other kind wait.`}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      className="m-auto"
      icon="inbox"
      title="Nothing waits for you"
      action={
        <Link to="/workflows" className={LINK}>
          Open the workflows
        </Link>
      }
    >
      <p>Two things come here, and their runs wait until somebody answers:</p>
      <ul className="mt-3 flex flex-col gap-2 text-left">
        <li className="flex gap-2">
          <Icon name="hand" size={16} className="mt-0.5" />
          <span>
            <b className="text-text">Approvals.</b> Put the step “Ask a person” into a workflow, before a
            discount goes out, say.
          </span>
        </li>
        <li className="flex gap-2">
          <Icon name="warning" size={16} className="mt-0.5" />
          <span>
            <b className="text-text">Did it happen?</b> When a connection breaks in the middle of a write,
            Trunkline never sends it blindly again. It shows what was sent and asks.
          </span>
        </li>
      </ul>
    </EmptyState>
  );
}

function InboxSkeleton() {
  return (
    <Loading label="Loading the inbox" className="flex flex-1">
      <div className="flex w-[360px] flex-col gap-3 border-r border-border bg-surface p-4">
        {[0, 1, 2, 3].map((row) => (
          <Skeleton key={row} className="h-14 w-full" />
        ))}
      </div>
      <div className="flex-1 p-6">
        <Skeleton className="mx-auto h-80 max-w-[680px] rounded-xl" />
      </div>
    </Loading>
  );
}
