/** When a schedule runs: a preset or five fields, said in words, with the next ten times. */
import { clsx } from "clsx";
import { useEffect, useState } from "react";
import { api, type SchedulePreview } from "@/api";
import { Icon, Input, Select } from "@/ui";
import { useFormScope } from "../scope";
import { CRON_FIELDS, CRON_PRESETS, cronParts, presetOf } from "./cron-presets";
import { controlProps, textOf, type WidgetProps } from "./widget";

const DEBOUNCE_MS = 200;

export function CronWidget({ field, value, onChange, control, siblings }: WidgetProps) {
  const { readOnly } = useFormScope();
  const cron = textOf(value);
  const timezone = textOf(siblings.timezone) || "UTC";
  const [byHand, setByHand] = useState(false);
  const preset = byHand ? "" : (presetOf(cron)?.cron ?? "");
  const parts = cronParts(cron);
  return (
    <div className="flex flex-col gap-2">
      <Select
        {...controlProps(control)}
        aria-label={field.title}
        disabled={readOnly}
        value={preset}
        options={[
          ...CRON_PRESETS.map((option) => ({ value: option.cron, label: option.title })),
          { value: "", label: "My own pattern" },
        ]}
        onValueChange={(next) => {
          setByHand(next === "");
          if (next !== "") onChange(next);
        }}
      />
      {preset === "" ? (
        <div className="grid grid-cols-5 gap-1.5">
          {CRON_FIELDS.map((part, index) => (
            <div key={part.title} className="flex min-w-0 flex-col gap-0.5 text-2xs text-muted">
              <span aria-hidden>{part.title}</span>
              <Input
                size="small"
                aria-label={part.title}
                mono
                spellCheck={false}
                readOnly={readOnly}
                title={part.hint}
                value={parts[index] ?? ""}
                placeholder="*"
                onChange={(event) =>
                  onChange(parts.with(index, event.target.value.replace(/\s+/g, "")).join(" "))
                }
              />
            </div>
          ))}
        </div>
      ) : null}
      <NextTimes cron={cron} timezone={timezone} />
    </div>
  );
}

function NextTimes({ cron, timezone }: { cron: string; timezone: string }) {
  const [preview, setPreview] = useState<SchedulePreview | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (cron.trim() === "") return setPreview(null);
    const cancel = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await api.previewSchedule({ cron, timezone }, cancel.signal).catch(() => null);
      if (!cancel.signal.aborted) setPreview(answer);
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [cron, timezone]);

  if (!preview) return null;
  if (!preview.ok) {
    const message = typeof preview.error === "string" ? preview.error : preview.error?.message;
    return (
      <p role="alert" className="flex items-start gap-1 text-xs text-bad">
        <Icon name="error" size={14} className="mt-px" />
        {message ?? "This pattern is not a schedule."}
      </p>
    );
  }
  const shown = open ? preview.next_words : preview.next_words.slice(0, 3);
  return (
    <div aria-live="polite" className="rounded-lg bg-sunken px-3 py-2.5">
      <p className="text-sm font-medium">{preview.words}</p>
      <ol className="mt-1 flex flex-col text-xs text-muted tabular">
        {shown.map((words, index) => (
          <li key={preview.next[index] ?? words} className={clsx(index === 0 && "text-text")}>
            {index === 0 ? "Next: " : ""}
            {words}
          </li>
        ))}
      </ol>
      {preview.next_words.length > 3 ? (
        <button
          type="button"
          aria-expanded={open}
          className="mt-1 text-xs font-medium text-accent-text hover:underline"
          onClick={() => setOpen(!open)}
        >
          {open ? "Show fewer" : `Show the next ${preview.next_words.length}`}
        </button>
      ) : null}
    </div>
  );
}
