import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Activity, EnrichmentDetail } from "@/api";
import { Moment } from "@/app/moment";
import { useTakeBack } from "@/pages/duplicates/take-back";
import { FilledList, TraceList } from "@/pages/enrichment/trace-list";
import { Button, Card, Icon, type IconName } from "@/ui";
import { isPlain, plainWords } from "./plain-words";
import { entriesOf, partsOf } from "./timeline-kinds";
import { WhyOpened } from "./why-opened";

const ICONS: Record<Activity["kind"], IconName> = {
  created: "plus",
  updated: "pencil",
  scored: "gauge",
  assigned: "route",
  stage_changed: "flag",
  listed: "list",
  unlisted: "list",
  touched: "bolt",
  matched: "building",
  enriched: "search",
  merged: "merge",
  unmerged: "undo",
  segment_entered: "filter",
  segment_left: "filter",
  sla_started: "clock",
  sla_warned: "clock",
  sla_breached: "warning",
  sla_met: "done",
  suppressed: "shield",
  consent_changed: "shield",
  imported: "upload",
};

/** What happened to a lead, newest first, each with its why and the run that did it. */
export function LeadTimeline({ activities }: { activities: Activity[] }) {
  const [part, setPart] = useState("");
  const parts = partsOf(activities);
  const shown = entriesOf(part, activities);
  const undone = new Set(activities.filter(({ kind }) => kind === "unmerged").map((one) => mergeOf(one.new)));
  return (
    <Card title="Timeline" subtitle="newest first">
      {parts.length > 1 ? (
        <fieldset aria-label="Show of the timeline" className="mb-3 flex flex-wrap gap-1.5">
          {[{ value: "", label: "Everything", count: activities.length }, ...parts].map(
            ({ value, label, count }) => (
              <Button
                key={value}
                size="small"
                variant={part === value ? "primary" : "default"}
                aria-pressed={part === value}
                onClick={() => setPart(value)}
              >
                {label} <span className="tabular opacity-75">{count}</span>
              </Button>
            ),
          )}
        </fieldset>
      ) : null}
      {activities.length === 0 ? (
        <p className="text-muted">Nothing has happened to this lead yet.</p>
      ) : (
        <ol>
          {shown.map((activity) => (
            <li key={activity.id} className="group/entry relative flex gap-3 pb-5 last:pb-1">
              <span
                aria-hidden
                className="absolute top-7 bottom-0 left-[13px] w-px bg-border group-last/entry:hidden"
              />
              <span className="grid size-[27px] shrink-0 place-items-center rounded-full bg-lead-soft text-lead-text">
                <Icon name={ICONS[activity.kind] ?? "dot"} size={15} />
              </span>
              <div className="min-w-0 flex-1 pt-0.5">
                <div className="flex flex-wrap items-baseline gap-x-2">
                  <p className="text-base font-medium">{activity.title}</p>
                  <Moment at={activity.at} className="text-xs text-muted" />
                </div>
                {activity.why ? <p className="text-muted">{activity.why}</p> : null}
                <Enriched activity={activity} />
                <WhyOpened activity={activity} />
                <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Change activity={activity} />
                  {undone.has(mergeOf(activity.new)) ? null : <TakeBack activity={activity} />}
                  {activity.run_id ? (
                    <Link
                      to="/runs/$id"
                      params={{ id: activity.run_id }}
                      className="inline-flex items-center gap-1 rounded-sm text-xs font-medium text-accent-text hover:underline"
                    >
                      See the run that did this
                      <Icon name="arrow-right" size={12} />
                    </Link>
                  ) : null}
                </div>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

/** What an enrichment filled, and behind a summary whom it asked. */
function Enriched({ activity }: { activity: Activity }) {
  const detail = activity.enrichment as EnrichmentDetail | undefined;
  if (!detail?.fields) return null;
  return (
    <div className="mt-1 space-y-1">
      <FilledList filled={detail.fields} />
      {detail.trace && detail.trace.length > 0 ? (
        <details>
          <summary className="cursor-pointer text-xs font-medium text-accent-text">Who was asked</summary>
          <div className="mt-1">
            <TraceList trace={detail.trace} currency={detail.currency ?? ""} />
          </div>
        </details>
      ) : null}
    </div>
  );
}

/** The way back from a merge, where it stands on the timeline. */
function TakeBack({ activity }: { activity: Activity }) {
  const takeBack = useTakeBack();
  const merge = activity.kind === "merged" ? mergeOf(activity.new) : null;
  if (!merge) return null;
  return (
    <Button size="small" icon="undo" onClick={() => void takeBack(merge)}>
      Un-merge
    </Button>
  );
}

function mergeOf(value: unknown): string | null {
  const merge =
    typeof value === "object" && value !== null ? (value as { merge_id?: unknown }).merge_id : null;
  return typeof merge === "string" ? merge : null;
}

function Change({ activity }: { activity: Activity }) {
  if (!isPlain(activity.old) || !isPlain(activity.new) || activity.new === activity.old) return null;
  if (activity.kind === "created") return null;
  return (
    <p className="inline-flex max-w-full items-center gap-1.5 rounded-sm bg-sunken px-2 py-0.5 text-xs">
      <span className="truncate text-muted">{plainWords(activity.old)}</span>
      <Icon name="arrow-right" size={12} className="text-faint" />
      <span className="visually-hidden">became</span>
      <span className="truncate font-medium">{plainWords(activity.new)}</span>
    </p>
  );
}
