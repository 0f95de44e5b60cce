import { Combobox, Input, Select } from "@/ui";
import { activitiesFor, activityOf, type Did, trimmed, withActivity } from "./criteria";
import { NumberInput } from "./number-input";

interface DidRowProps {
  readonly test: Did;
  readonly onChange: (test: Did) => void;
  readonly name: string;
  /** Whether the rule is part of a score, which cannot ask for what follows from it. */
  readonly within: "score" | "any";
}

/** What the lead did, how often and how lately. */
export function DidRow({ test, onChange, name, within }: DidRowProps) {
  const activity = activityOf(test);
  const not = test.did_not !== undefined;
  const known = activitiesFor(within);
  const set = (change: Partial<Record<keyof Did, string | number | undefined>>) =>
    onChange(trimmed({ ...test, ...change } as Did));
  const example = known.find(({ value }) => value === activity)?.named;
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5">
      <Select
        size="small"
        className="!w-20"
        aria-label={`Whether ${name} asks what was done`}
        value={not ? "not" : "did"}
        options={[
          { value: "did", label: "Lead" },
          { value: "not", label: "Not" },
        ]}
        onValueChange={(next) => onChange(withActivity(test, activity, next === "not"))}
      />
      <Combobox
        aria-label={`Activity of ${name}`}
        className="!h-7 !w-44 !text-sm"
        value={activity}
        options={known.map(({ value, label }) => ({ value, label }))}
        onValueChange={(next) => onChange(withActivity(test, next, not))}
      />
      <Input
        size="small"
        className="min-w-36 flex-1"
        aria-label={`Name of the activity of ${name}`}
        placeholder={example ? `called, such as ${example}` : "called anything"}
        value={test.named ?? ""}
        onChange={(event) => set({ named: event.target.value })}
      />
      <span className="flex items-center gap-1.5 text-sm text-muted">
        at least
        <NumberInput
          className="!w-12"
          label={`Times of ${name}`}
          placeholder="1"
          value={test.at_least}
          onChange={(at_least) => set({ at_least })}
        />
        × in
        <NumberInput
          className="!w-14"
          label={`Days of ${name}`}
          placeholder="all"
          value={test.within_days}
          onChange={(within_days) => set({ within_days })}
        />
        days
      </span>
    </div>
  );
}
