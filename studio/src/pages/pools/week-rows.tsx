import { DAYS, type Day, type WorkSpan, type WorkWeek } from "@/api";
import { Button, Checkbox, IconButton, Input } from "@/ui";
import { DAY_NAMES, spanProblem } from "./hours-words";

interface WeekRowsProps {
  week: WorkWeek;
  onChange: (week: WorkWeek) => void;
}

const USUAL: WorkSpan = { opens: "09:00", closes: "17:00" };

/** The hours of each day of the week; a day may have several spans, such as before and after lunch. */
export function WeekRows({ week, onChange }: WeekRowsProps) {
  const set = (day: Day, spans: WorkSpan[]) => onChange({ ...week, [day]: spans });
  return (
    <ul className="divide-y divide-border rounded-lg border border-border">
      {DAYS.map((day) => (
        <li key={day} className="flex min-h-11 flex-wrap items-start gap-x-3 gap-y-1 px-3 py-1.5">
          <span className="flex h-8 w-[120px] items-center">
            <Checkbox
              label={DAY_NAMES[day]}
              checked={week[day].length > 0}
              onCheckedChange={(on) => set(day, on ? [USUAL] : [])}
            />
          </span>
          <span className="flex flex-1 flex-col gap-1">
            {week[day].length === 0 ? <span className="flex h-8 items-center text-muted">Free</span> : null}
            {week[day].map((span, place) => (
              <SpanRow
                // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity, and are edited in place
                key={place}
                span={span}
                name={week[day].length > 1 ? `${DAY_NAMES[day]} ${place + 1}` : DAY_NAMES[day]}
                onChange={(next) =>
                  set(
                    day,
                    week[day].map((old, at) => (at === place ? next : old)),
                  )
                }
                {...(week[day].length > 1
                  ? {
                      onRemove: () =>
                        set(
                          day,
                          week[day].filter((_, at) => at !== place),
                        ),
                    }
                  : {})}
              />
            ))}
          </span>
          {week[day].length > 0 && week[day].length < 6 ? (
            <Button
              size="small"
              variant="ghost"
              icon="plus"
              aria-label={`Add hours on ${DAY_NAMES[day]}`}
              onClick={() =>
                set(day, [...week[day], { opens: week[day].at(-1)?.closes ?? "13:00", closes: "" }])
              }
            >
              Hours
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

interface SpanRowProps {
  span: WorkSpan;
  name: string;
  onChange: (span: WorkSpan) => void;
  onRemove?: () => void;
}

function SpanRow({ span, name, onChange, onRemove }: SpanRowProps) {
  const problem = spanProblem(span);
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Input
        className="!w-[76px] tabular"
        aria-label={`${name} from`}
        aria-invalid={problem ? true : undefined}
        value={span.opens}
        onChange={(event) => onChange({ ...span, opens: event.target.value })}
      />
      <span className="text-muted">to</span>
      <Input
        className="!w-[76px] tabular"
        aria-label={`${name} to`}
        aria-invalid={problem ? true : undefined}
        value={span.closes}
        onChange={(event) => onChange({ ...span, closes: event.target.value })}
      />
      {onRemove ? <IconButton icon="trash" size="small" label={`Remove ${name}`} onClick={onRemove} /> : null}
      {problem ? <span className="text-xs text-bad">{problem}</span> : null}
    </span>
  );
}
