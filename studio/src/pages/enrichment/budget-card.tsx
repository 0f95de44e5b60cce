import { type EnrichmentBudget, useEnrichmentSpending, type Waterfall } from "@/api";
import { Card, Field, Input } from "@/ui";
import { amount, callsIn, monthOf } from "./model";
import { Numeric } from "./numeric";

interface BudgetFieldsProps {
  budget: EnrichmentBudget;
  currency: string;
  onChange: (budget: EnrichmentBudget) => void;
}

/** Bounds in calls and money, for a day and a month. */
export function BudgetFields({ budget, currency, onChange }: BudgetFieldsProps) {
  const fields = [
    ["calls_per_day", "Calls a day", false],
    ["calls_per_month", "Calls a month", false],
    ["money_per_day", `${currency} a day`, true],
    ["money_per_month", `${currency} a month`, true],
  ] as const;
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(118px,1fr))] gap-3">
      {fields.map(([name, label, fraction]) => (
        <Numeric
          key={name}
          label={label}
          placeholder="none"
          fraction={fraction}
          value={budget[name]}
          onChange={(value) => onChange({ ...budget, [name]: value })}
        />
      ))}
    </div>
  );
}

interface BudgetCardProps {
  id: string;
  waterfall: Waterfall;
  onChange: (waterfall: Waterfall) => void;
}

/** What all providers together may cost, and what they have cost this month. */
export function BudgetCard({ id, waterfall, onChange }: BudgetCardProps) {
  const spending = useEnrichmentSpending(id);
  const items = spending.data?.items;
  const whole = monthOf(items, "");
  const most = waterfall.budget?.money_per_month;
  return (
    <Card title="Budget" subtitle="all providers together; days and months are those of UTC">
      <div className="space-y-3">
        <div className="max-w-[120px]">
          <Field label="Currency">
            {(control) => (
              <Input
                {...control}
                maxLength={3}
                value={waterfall.currency}
                onChange={(event) => onChange({ ...waterfall, currency: event.target.value.toUpperCase() })}
              />
            )}
          </Field>
        </div>
        <BudgetFields
          budget={waterfall.budget ?? {}}
          currency={waterfall.currency}
          onChange={(budget) => onChange({ ...waterfall, budget })}
        />
        <div className="border-t border-border pt-3">
          <p>
            <b className="font-medium">This month:</b> {amount(whole.money, waterfall.currency)}
            {most !== null && most !== undefined ? ` of ${amount(most, waterfall.currency)}` : ""},{" "}
            {callsIn(whole.calls)}, {whole.hits} found.
          </p>
          {whole.calls > 0 ? (
            <ul className="mt-1 space-y-0.5 text-muted">
              {waterfall.providers.map((provider) => {
                const spent = monthOf(items, provider.id);
                return (
                  <li key={provider.id}>
                    {provider.name}: {amount(spent.money, waterfall.currency)}, {callsIn(spent.calls)},{" "}
                    {spent.hits} found
                  </li>
                );
              })}
            </ul>
          ) : null}
        </div>
      </div>
    </Card>
  );
}
