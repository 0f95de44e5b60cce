import type { LimitsChoice } from "@/api";
import { Card, Field, Input } from "@/ui";

/** How many calls at the same time when nothing is said. */
const AT_ONCE = 8;

/** How hard the app may be called, which no document says: all steps of a connection keep to it together. */
export function LimitsCard({
  limits,
  onChange,
}: {
  limits: LimitsChoice;
  onChange: (limits: LimitsChoice) => void;
}) {
  const { bucket, daily } = limits;
  const number = (
    label: string,
    value: number | undefined,
    onNumber: (number: number | undefined) => void,
    placeholder = "no limit",
  ) => (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          inputMode="numeric"
          placeholder={placeholder}
          value={value ?? ""}
          onChange={(event) => onNumber(whole(event.target.value))}
        />
      )}
    </Field>
  );
  const set = (change: { [field in keyof LimitsChoice]?: LimitsChoice[field] | undefined }) => {
    const next = Object.entries({ at_once: AT_ONCE, ...limits, ...change });
    onChange(Object.fromEntries(next.filter(([, value]) => value !== undefined)) as LimitsChoice);
  };
  return (
    <Card
      title="How hard it may be called"
      subtitle="The vendor's documentation says it. All steps keep to it together; what the app answers in 429 is always obeyed."
    >
      <div className="grid gap-3 sm:grid-cols-4">
        {number("Calls", bucket?.calls, (calls) =>
          set({ bucket: calls ? { calls, seconds: bucket?.seconds ?? 1 } : undefined }),
        )}
        {number(
          "In so many seconds",
          bucket?.seconds,
          (seconds) => set({ bucket: bucket && { ...bucket, seconds: seconds ?? 1 } }),
          "1",
        )}
        {number("At the same time", limits.at_once ?? AT_ONCE, (at_once) => set({ at_once }))}
        {number("In a day", daily, (daily) => set({ daily }))}
      </div>
    </Card>
  );
}

function whole(text: string): number | undefined {
  const digits = text.replace(/\D/g, "").slice(0, 9);
  return Number(digits) > 0 ? Number(digits) : undefined;
}
