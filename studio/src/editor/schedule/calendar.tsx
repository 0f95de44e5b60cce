/** A month of a schedule: what ran, what was skipped or missed, what is to come, and what becomes of missed times. */
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useState } from "react";
import { type ScheduleDay, type ScheduleTick, type TickOutcome, useScheduleMonth } from "@/api";
import { QueryError } from "@/app/query-error";
import type { Step, StepKind } from "@/document/types";
import { choicesOf, withoutNull } from "@/forms/schema/read";
import { Icon, IconButton, type IconName, Loading, Skeleton } from "@/ui";
import { monthInWords, monthOf, shifted, weeksOf } from "./month";

const OUTCOMES: Readonly<Record<TickOutcome, { word: string; means: string; dot: string; icon: IconName }>> =
  {
    ran: { word: "ran", means: "It started a run.", dot: "bg-ok-line", icon: "done" },
    queued: { word: "queued", means: "It waits for the run before it.", dot: "bg-accent", icon: "clock" },
    skipped: {
      word: "skipped",
      means: "The run before was still going on.",
      dot: "bg-idle",
      icon: "skipped",
    },
    missed: { word: "missed", means: "The server was switched off.", dot: "bg-warn-line", icon: "warning" },
    planned: { word: "planned", means: "Still to come.", dot: "border border-control", icon: "clock" },
  };
const WORST_FIRST: readonly TickOutcome[] = ["missed", "skipped", "queued", "ran", "planned"];
const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/** True for triggers that go by the clock. */
export function isSchedule(kind: StepKind | undefined): boolean {
  return Object.values(kind?.schema.properties ?? {}).some((field) => field["x-ui"] === "cron");
}

interface ScheduleCalendarProps {
  readonly workflow: string;
  /** The trigger. */
  readonly id: string;
  readonly step: Step;
  readonly kind: StepKind;
  /** Whether the published version is switched on. */
  readonly live: boolean;
}

export function ScheduleCalendar({ workflow, id, step, kind, live }: ScheduleCalendarProps) {
  const [month, setMonth] = useState(() => monthOf(new Date()));
  const [chosen, setChosen] = useState<string | null>(null);
  const calendar = useScheduleMonth(workflow, month);
  const days = (calendar.data?.days ?? [])
    .map((day) => ofStep(day, id))
    .filter(({ ticks }) => ticks.length > 0);
  const byDate = new Map(days.map((day) => [day.date, day]));
  const go = (by: number) => {
    setMonth(shifted(month, by));
    setChosen(null);
  };
  return (
    <section aria-label="Calendar" className="rounded-lg border border-border p-3">
      <header className="mb-2 flex items-center gap-1">
        <h2 className="flex-1 text-sm font-semibold">{monthInWords(month)}</h2>
        <IconButton icon="chevron-left" size="small" label="Month before" onClick={() => go(-1)} />
        <IconButton icon="chevron-right" size="small" label="Month after" onClick={() => go(1)} />
      </header>
      {calendar.isPending ? (
        <Loading label="Loading the calendar">
          <Skeleton className="h-40 w-full" />
        </Loading>
      ) : calendar.isError ? (
        <QueryError error={calendar.error} onRetry={() => void calendar.refetch()} />
      ) : (
        <>
          <MonthGrid month={month} byDate={byDate} chosen={chosen} onChoose={setChosen} />
          {days.length === 0 ? (
            <p className="mt-2 text-xs text-muted">{emptyWords(live)}</p>
          ) : (
            <Legend days={days} />
          )}
          <DayList day={chosen === null ? undefined : byDate.get(chosen)} date={chosen} />
          <p className="mt-2 border-t border-border pt-2 text-xs text-muted">
            {policyInWords(step, kind)} Times are those of {calendar.data.timezone}.
          </p>
        </>
      )}
    </section>
  );
}

function emptyWords(live: boolean): string {
  return live
    ? "Nothing is due this month."
    : "Nothing happened this month. Planned times appear once the workflow is published and switched on.";
}

/** A workflow may have several schedules; only this one's times are shown with its step. */
function ofStep(day: ScheduleDay, step: string): ScheduleDay {
  return { ...day, ticks: day.ticks.filter((tick) => tick.step === step) };
}

interface MonthGridProps {
  readonly month: string;
  readonly byDate: ReadonlyMap<string, ScheduleDay>;
  readonly chosen: string | null;
  readonly onChoose: (date: string | null) => void;
}

function MonthGrid({ month, byDate, chosen, onChoose }: MonthGridProps) {
  const now = new Date();
  const today = `${monthOf(now)}-${String(now.getDate()).padStart(2, "0")}`;
  return (
    <table className="w-full table-fixed border-separate border-spacing-0.5 text-xs">
      <thead>
        <tr>
          {WEEKDAYS.map((day) => (
            <th key={day} scope="col" className="pb-1 font-normal text-muted">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(month).map((week) => (
          <tr key={week.find((date) => date !== null) ?? ""}>
            {week.map((date, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: places of a week have no other identity
              <td key={at} className="p-0">
                {date === null ? null : (
                  <DayCell
                    date={date}
                    day={byDate.get(date)}
                    today={date === today}
                    chosen={date === chosen}
                    onChoose={onChoose}
                  />
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayCellProps extends Pick<MonthGridProps, "onChoose"> {
  readonly date: string;
  readonly day: ScheduleDay | undefined;
  readonly today: boolean;
  readonly chosen: boolean;
}

function DayCell({ date, day, today, chosen, onChoose }: DayCellProps) {
  const number = Number(date.slice(-2));
  const shared = clsx(
    "flex h-10 w-full flex-col items-center justify-center gap-1 rounded-md tabular",
    today && "font-bold text-accent-text",
  );
  if (!day) return <div className={clsx(shared, !today && "text-faint")}>{number}</div>;
  const tally = tallyOf(day);
  return (
    <button
      type="button"
      aria-pressed={chosen}
      aria-label={`${number}: ${tally.map(([outcome, count]) => `${count} ${OUTCOMES[outcome].word}`).join(", ")}`}
      onClick={() => onChoose(chosen ? null : date)}
      className={clsx(shared, chosen ? "bg-accent-soft" : "bg-sunken hover:bg-hover")}
    >
      {number}
      <span aria-hidden className="flex gap-0.5">
        {tally.slice(0, 3).map(([outcome]) => (
          <span key={outcome} className={clsx("size-1.5 rounded-full", OUTCOMES[outcome].dot)} />
        ))}
      </span>
    </button>
  );
}

/** How often each thing happened on a day, what needs a look first. */
export function tallyOf(day: ScheduleDay): [TickOutcome, number][] {
  return WORST_FIRST.map((outcome): [TickOutcome, number] => [
    outcome,
    day.ticks.filter((tick) => tick.outcome === outcome).length,
  ]).filter(([, count]) => count > 0);
}

function Legend({ days }: { days: readonly ScheduleDay[] }) {
  const present = WORST_FIRST.filter((outcome) =>
    days.some((day) => day.ticks.some((tick) => tick.outcome === outcome)),
  );
  return (
    <p className="mt-2 flex flex-wrap gap-x-3 gap-y-1 text-xs text-muted">
      {present.map((outcome) => (
        <span key={outcome} className="flex items-center gap-1" title={OUTCOMES[outcome].means}>
          <span aria-hidden className={clsx("size-1.5 rounded-full", OUTCOMES[outcome].dot)} />
          {OUTCOMES[outcome].word}
        </span>
      ))}
    </p>
  );
}

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

function DayList({ day, date }: { day: ScheduleDay | undefined; date: string | null }) {
  if (!day || date === null) return null;
  return (
    <div className="mt-2 rounded-md bg-sunken px-3 py-2">
      <h3 className="text-xs font-semibold">{DAY.format(new Date(`${date}T12:00:00`))}</h3>
      <ul className="mt-1 max-h-44 overflow-y-auto">
        {day.ticks.map((tick) => (
          <li key={tick.at} className="flex items-center gap-2 py-0.5 text-sm">
            <span className="w-12 tabular">{tick.local}</span>
            <TickWords tick={tick} />
          </li>
        ))}
        {day.more ? <li className="py-0.5 text-xs text-muted">and {day.more} more</li> : null}
      </ul>
    </div>
  );
}

function TickWords({ tick }: { tick: ScheduleTick }) {
  const { word, means, icon } = OUTCOMES[tick.outcome];
  return (
    <>
      <Icon name={icon} size={14} className={tick.outcome === "missed" ? "text-warn" : "text-muted"} />
      <span className="flex-1" title={means}>
        {word}
      </span>
      {tick.run_id ? (
        <Link
          to="/runs/$id"
          params={{ id: tick.run_id }}
          className="text-xs font-medium text-accent-text hover:underline"
        >
          Open the run
        </Link>
      ) : null}
    </>
  );
}

/** What happens to missed times, and when the run before is not over: the chosen words of the kind's own settings. */
export function policyInWords(step: Step, kind: StepKind): string {
  const said = ["missed", "overlap"].flatMap((name) => {
    const field = kind.schema.properties?.[name];
    if (!field) return [];
    const schema = withoutNull(field);
    const value = step.config[name] ?? schema.default;
    const choice = choicesOf(schema).find((one) => one.value === value);
    return choice
      ? [`${schema.title ?? name}: ${choice.label.charAt(0).toLowerCase()}${choice.label.slice(1)}.`]
      : [];
  });
  return said.join(" ");
}
