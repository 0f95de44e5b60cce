import { useMutation, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useEffect, useState } from "react";
import {
  type DuplicatePair,
  duplicateKeys,
  duplicatesApi,
  jobKeys,
  type PairState,
  useDuplicateSettings,
  useJobs,
  usePairs,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { JobProgress } from "@/jobs/job-progress";
import { Button, Card, EmptyState, IconButton, Loading, Segmented, Skeleton, toast } from "@/ui";
import { Learning } from "./duplicate-learning";
import { DuplicateSettingsDialog } from "./duplicate-settings";
import { MergeHistory } from "./merge-history";
import { nameOf, percent } from "./pair-fields";
import { type Decision, PairReview } from "./pair-review";
import { useTakeBack } from "./take-back";

type View = "waiting" | "later" | "different" | "history" | "learning";

const VIEWS: { value: View; label: string }[] = [
  { value: "waiting", label: "To review" },
  { value: "later", label: "Later" },
  { value: "different", label: "Not the same" },
  { value: "history", label: "History" },
  { value: "learning", label: "Learning" },
];

/** Leads that may be one person: found, looked at side by side, merged and un-merged. */
export function DuplicatesPage() {
  const [view, setView] = useState<View>("waiting");
  const [setting, setSetting] = useState(false);
  const settings = useDuplicateSettings();
  const search = useSearch();
  return (
    <Page
      title="Duplicates"
      section="leads"
      centre={
        <Segmented label="What to show" size="small" options={VIEWS} value={view} onValueChange={setView} />
      }
      actions={
        <>
          <IconButton
            icon="settings"
            label="How duplicates are found"
            disabled={!settings.data}
            onClick={() => setSetting(true)}
          />
          <Button variant="primary" icon="search" busy={search.busy} onClick={search.start}>
            Look for duplicates
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-[1180px]">
        {search.job ? (
          <div className="mb-4 flex items-center gap-3 text-sm text-muted" role="status">
            Looking through all leads
            <JobProgress job={search.job} className="w-64" />
          </div>
        ) : null}
        {view === "history" ? <MergeHistory /> : null}
        {view === "learning" ? <Learning /> : null}
        {view === "history" || view === "learning" ? null : (
          <Pairs key={view} state={view} onSearch={search.start} />
        )}
      </div>
      {setting && settings.data ? (
        <DuplicateSettingsDialog settings={settings.data} onClose={() => setSetting(false)} />
      ) : null}
    </Page>
  );
}

/** The search that is under way, and how one is started. */
function useSearch() {
  const client = useQueryClient();
  const jobs = useJobs().data ?? [];
  const latest = jobs.find(({ kind }) => kind === "find_duplicates");
  const job = latest?.status === "running" ? latest : undefined;
  const ended = latest && !job ? latest.id : null;
  useEffect(() => {
    // What it found is there when it is over; a short one is over before it was seen at work.
    if (ended) void client.invalidateQueries({ queryKey: duplicateKeys.all });
  }, [ended, client]);
  const start = useMutation({
    mutationFn: () => duplicatesApi.search(),
    onSuccess: () => client.invalidateQueries({ queryKey: jobKeys.all }),
    onError: sayError("The search was not started"),
  });
  return { job, busy: start.isPending || job !== undefined, start: () => start.mutate() };
}

function Pairs({ state, onSearch }: { state: PairState; onSearch: () => void }) {
  const pairs = usePairs(state);
  const [chosen, setChosen] = useState<string | null>(null);
  const act = useDecisions(state);
  if (pairs.isPending) {
    return (
      <Loading label="Loading the pairs">
        <Skeleton className="h-96 rounded-xl" />
      </Loading>
    );
  }
  if (pairs.isError) return <QueryError error={pairs.error} onRetry={() => void pairs.refetch()} />;
  const items = pairs.data.pages.flatMap((page) => page.items);
  const place = Math.max(
    items.findIndex((pair) => pair.id === chosen),
    0,
  );
  const pair = items[place];
  if (!pair) return <NoPairs state={state} onSearch={onSearch} />;
  const step = (by: 1 | -1) => {
    const next = items[Math.min(Math.max(place + by, 0), items.length - 1)];
    if (next) setChosen(next.id);
  };
  // The one after it comes next; of the last, the one before.
  const goOn = () => setChosen((items[place + 1] ?? items[place - 1])?.id ?? null);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[300px_1fr]">
      <PairList
        items={items}
        total={pairs.data.pages[0]?.total ?? items.length}
        current={pair.id}
        onChoose={setChosen}
        onMore={pairs.hasNextPage ? () => void pairs.fetchNextPage() : undefined}
      />
      <PairReview
        key={pair.id}
        pair={pair}
        busy={act.busy}
        onMerge={(survivor, choices) => {
          goOn();
          act.merge(pair, survivor, choices);
        }}
        onDecide={(decision) => {
          goOn();
          act.decide(pair, decision);
        }}
        onStep={step}
      />
    </div>
  );
}

function useDecisions(state: PairState) {
  const client = useQueryClient();
  const takeBack = useTakeBack();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: duplicateKeys.all }),
      client.invalidateQueries({ queryKey: ["leads"] }),
    ]);
  const merge = useMutation({
    mutationFn: (wanted: { pair: DuplicatePair; survivor: string; choices: Record<string, string> }) =>
      duplicatesApi.merge(wanted.pair.id, { survivor_id: wanted.survivor, choices: wanted.choices }),
    onSuccess: async ({ merge_id }, { pair }) => {
      await renew();
      toast({
        tone: "ok",
        title: `Merged ${nameOf(pair.left)} and ${nameOf(pair.right)}`,
        action: { label: "Undo", onSelect: () => void takeBack(merge_id) },
      });
    },
    onError: sayError("The leads were not merged"),
  });
  const decide = useMutation({
    mutationFn: ({ pair, decision }: { pair: DuplicatePair; decision: Decision }) =>
      duplicatesApi.decide(pair.id, decision),
    onSuccess: async (_, { pair, decision }) => {
      await renew();
      if (decision === state) return;
      toast({
        title: decision === "later" ? "Put off" : "Noted: not the same",
        action: {
          label: "Undo",
          onSelect: () =>
            void duplicatesApi.decide(pair.id, "waiting").then(renew, sayError("It was not undone")),
        },
      });
    },
    onError: sayError("The decision was not kept"),
  });
  return {
    busy: merge.isPending || decide.isPending,
    merge: (pair: DuplicatePair, survivor: string, choices: Record<string, string>) =>
      merge.mutate({ pair, survivor, choices }),
    decide: (pair: DuplicatePair, decision: Decision) => decide.mutate({ pair, decision }),
  };
}

interface PairListProps {
  items: DuplicatePair[];
  total: number;
  current: string;
  onChoose: (id: string) => void;
  onMore: (() => void) | undefined;
}

function PairList({ items, total, current, onChoose, onMore }: PairListProps) {
  return (
    <Card title="Pairs" subtitle={total.toLocaleString("en")}>
      <ul className="-mx-2 max-h-[68vh] overflow-auto">
        {items.map((pair) => (
          <li key={pair.id}>
            <button
              type="button"
              aria-current={pair.id === current}
              onClick={() => onChoose(pair.id)}
              className={clsx(
                "flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover",
                pair.id === current && "bg-accent-soft",
              )}
            >
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{nameOf(pair.left)}</span>
                <span className="block truncate text-sm text-muted">{nameOf(pair.right)}</span>
              </span>
              <span className="shrink-0 text-xs text-muted tabular">{percent(pair.probability)}</span>
            </button>
          </li>
        ))}
      </ul>
      {onMore ? (
        <Button size="small" className="mt-2" onClick={onMore}>
          Show more
        </Button>
      ) : null}
    </Card>
  );
}

function NoPairs({ state, onSearch }: { state: PairState; onSearch: () => void }) {
  if (state !== "waiting") {
    return (
      <Card>
        <EmptyState icon={state === "later" ? "clock" : "close"} title="Nothing here">
          {state === "later"
            ? "Pairs that you put off wait here, and pairs whose merge was taken back."
            : "Pairs that are two people are kept here, so that nobody is asked twice."}
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card>
      <EmptyState
        icon="merge"
        title="No pairs to review"
        action={
          <Button variant="primary" icon="search" onClick={onSearch}>
            Look for duplicates
          </Button>
        }
      >
        Leads with the same e-mail address or number never become two. A search finds the rest: the same
        person with another address, a slip in a name, a number left out. You decide on each pair, and a merge
        can be taken back.
      </EmptyState>
    </Card>
  );
}
