import { type Cap, type PoolRules, type TeamOwner, useStages } from "@/api";
import { Button, Card, Checkbox, Field, IconButton, Input, Select } from "@/ui";
import { CriteriaRows } from "../routing/criteria-rows";
import { freshId } from "../routing/model";
import { rulesInWords, TURN_WORDS } from "./pool-words";

interface RulesCardProps {
  rules: PoolRules;
  owners: TeamOwner[];
  onChange: (rules: PoolRules) => void;
}

/** How turns are dealt: the order, who is passed over, limits, and who takes what is left. */
export function RulesCard({ rules, owners, onChange }: RulesCardProps) {
  const stages = useStages();
  const set = (part: Partial<PoolRules>) => onChange({ ...rules, ...part });
  const setCap = (place: number, part: Partial<Cap>) =>
    set({ caps: rules.caps.map((old, at) => (at === place ? { ...old, ...part } : old)) });
  const names = [
    ...new Set([...owners.map(({ name }) => name), ...(rules.fallback ? [rules.fallback] : [])]),
  ];
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Card title="Rules">
        <div className="space-y-4">
          <Field label="Whose turn is next">
            {(control) => (
              <Select
                {...control}
                value={rules.turns}
                options={Object.entries(TURN_WORDS).map(([value, label]) => ({ value, label }))}
                onValueChange={(turns) => set({ turns: turns as PoolRules["turns"] })}
              />
            )}
          </Field>
          <div className="space-y-2">
            <Checkbox
              label="Only members who are at work get leads"
              help="By their working hours, time zone, days off and holidays."
              checked={rules.only_at_work}
              onCheckedChange={(on) => set({ only_at_work: on })}
            />
            {rules.only_at_work ? (
              <Checkbox
                label="When nobody is at work, go on as if everybody were"
                help="Otherwise the fallback takes the lead."
                checked={rules.anyway_when_closed}
                onCheckedChange={(on) => set({ anyway_when_closed: on })}
              />
            ) : null}
          </div>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field
              label="Missed turns made up"
              help="0 loses them; whoever was passed over gets no more later."
            >
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={100}
                  value={rules.make_up}
                  onChange={(event) =>
                    set({ make_up: Math.min(100, Math.max(0, Math.floor(Number(event.target.value) || 0))) })
                  }
                />
              )}
            </Field>
            <Field label="When no member can take it" help="Nobody: the fallback of the table or step.">
              {(control) => (
                <Select
                  {...control}
                  value={rules.fallback ?? ""}
                  options={[
                    { value: "", label: "Nobody of the pool’s own" },
                    ...names.map((value) => ({ value, label: value })),
                  ]}
                  onValueChange={(fallback) => {
                    const { fallback: _, ...rest } = rules;
                    onChange(fallback ? { ...rest, fallback } : rest);
                  }}
                />
              )}
            </Field>
            <Field label="Leads are open until" help="For limits on open leads, and for “fewest open”.">
              {(control) => (
                <Select
                  {...control}
                  value={rules.open_until ?? ""}
                  options={[
                    { value: "", label: "They get another owner" },
                    ...(stages.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
                  ]}
                  onValueChange={(stage) => {
                    const { open_until: _, ...rest } = rules;
                    onChange(stage ? { ...rest, open_until: stage } : rest);
                  }}
                />
              )}
            </Field>
          </div>
          <section className="space-y-3">
            <h3 className="text-xs font-semibold text-muted">Caps</h3>
            {rules.caps.length === 0 ? (
              <p className="text-muted">
                No limits. A cap says how many leads each member gets at most, of all leads or of some.
              </p>
            ) : null}
            {rules.caps.map((cap, place) => (
              <CapRow
                key={cap.id}
                cap={cap}
                name={`Cap ${place + 1}`}
                onChange={(part) => setCap(place, part)}
                onRemove={() => set({ caps: rules.caps.filter((_, at) => at !== place) })}
              />
            ))}
            <Button
              size="small"
              icon="plus"
              disabled={rules.caps.length >= 20}
              onClick={() =>
                set({
                  caps: [...rules.caps, { id: freshId("cap", rules.caps), limit: 10, per: "day", when: [] }],
                })
              }
            >
              Add a cap
            </Button>
          </section>
        </div>
      </Card>
      <Card title="In words">
        <ul className="list-disc space-y-1 pl-5">
          {rulesInWords(rules).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

interface CapRowProps {
  cap: Cap;
  name: string;
  onChange: (part: Partial<Cap>) => void;
  onRemove: () => void;
}

function CapRow({ cap, name, onChange, onRemove }: CapRowProps) {
  return (
    <div className="space-y-2 rounded-lg border border-border p-3">
      <div className="flex items-center gap-2">
        <span className="text-muted">At most</span>
        <Input
          type="number"
          min={0}
          className="!w-20 tabular"
          aria-label={`${name}, leads`}
          value={cap.limit}
          onChange={(event) => onChange({ limit: Math.max(0, Math.floor(Number(event.target.value) || 0)) })}
        />
        <span className="text-muted">leads</span>
        <Select
          className="!w-[170px]"
          aria-label={`${name}, time`}
          value={cap.per}
          options={[
            { value: "day", label: "a day" },
            { value: "week", label: "a week" },
            { value: "open", label: "open at a time" },
          ]}
          onValueChange={(per) =>
            onChange({ per: per as Cap["per"], ...(per === "open" ? { when: [] } : {}) })
          }
        />
        <span className="flex-1" />
        <IconButton icon="trash" label={`Remove ${name.toLowerCase()}`} onClick={onRemove} />
      </div>
      {cap.per === "open" ? null : (
        <CriteriaRows criteria={cap.when} onChange={(when) => onChange({ when })} of={name} />
      )}
    </div>
  );
}
