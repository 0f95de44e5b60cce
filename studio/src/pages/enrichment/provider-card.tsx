import { useState } from "react";
import type { Provider } from "@/api";
import { Button, Card, Checkbox, Chip, Field, IconButton, Input, Select } from "@/ui";
import { BudgetFields } from "./budget-card";
import { FillsTable } from "./fills-table";
import { FILLABLE } from "./model";
import { Numeric } from "./numeric";
import { SourceFields } from "./source-fields";

interface ProviderCardProps {
  provider: Provider;
  /** Its place in the order, from 0. */
  place: number;
  count: number;
  currency: string;
  onChange: (provider: Provider) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One provider: how it is asked, what it knows, and what it may cost. */
export function ProviderCard(props: ProviderCardProps) {
  const { provider, place, count, currency, onChange, onMove, onRemove } = props;
  const [open, setOpen] = useState(provider.source.url === "");
  return (
    <Card
      title={`${place + 1}. ${provider.name || "Provider without a name"}`}
      aria-label={`Provider ${place + 1}`}
      aside={
        <span className="flex items-center gap-1">
          {provider.off ? <Chip tone="warn">Switched off</Chip> : null}
          <IconButton
            icon="arrow-up"
            label={`Ask ${provider.name} earlier`}
            disabled={place === 0}
            onClick={() => onMove(-1)}
          />
          <IconButton
            icon="arrow-down"
            label={`Ask ${provider.name} later`}
            disabled={place === count - 1}
            onClick={() => onMove(1)}
          />
          <IconButton icon="trash" label={`Remove ${provider.name}`} onClick={onRemove} />
          <Button
            size="small"
            icon={open ? "chevron-up" : "chevron-down"}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close" : "Edit"}
          </Button>
        </span>
      }
    >
      {open ? (
        <div className="space-y-4">
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                value={provider.name}
                onChange={(event) => onChange({ ...provider, name: event.target.value })}
              />
            )}
          </Field>
          <SourceFields provider={provider} onChange={(source) => onChange({ ...provider, source })} />
          <FillsTable provider={provider} onChange={onChange} />
          <Terms provider={provider} currency={currency} onChange={onChange} />
        </div>
      ) : (
        <p className="text-muted">
          {provider.fills
            .map((fill) => `${fill.field.replaceAll("_", " ")} (trust ${fill.trust})`)
            .join(", ") || "Fills nothing yet."}
        </p>
      )}
    </Card>
  );
}

interface TermsProps {
  provider: Provider;
  currency: string;
  onChange: (provider: Provider) => void;
}

/** When it is asked at all, what it costs, and how patient we are with it. */
function Terms({ provider, currency, onChange }: TermsProps) {
  return (
    <div className="space-y-3 border-t border-border pt-3">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        <Field label="Asked only with">
          {(control) => (
            <Select
              {...control}
              value={provider.needs?.[0] ?? ""}
              options={[{ value: "", label: "Anything" }, ...FILLABLE]}
              onValueChange={(need) => onChange({ ...provider, needs: need === "" ? [] : [need] })}
            />
          )}
        </Field>
        <Numeric
          label={`${currency} a call`}
          fraction
          value={provider.cost_per_call ?? 0}
          onChange={(cost) => onChange({ ...provider, cost_per_call: cost ?? 0 })}
        />
        <Numeric
          label={`${currency} more a hit`}
          fraction
          value={provider.cost_per_hit ?? 0}
          onChange={(cost) => onChange({ ...provider, cost_per_hit: cost ?? 0 })}
        />
        <Numeric
          label="Calls a minute"
          placeholder="none"
          value={provider.per_minute}
          onChange={(count) => onChange({ ...provider, per_minute: count })}
        />
        <Numeric
          label="Remember not found, days"
          value={provider.not_found_days ?? 30}
          onChange={(days) => onChange({ ...provider, not_found_days: days ?? 0 })}
        />
        <Numeric
          label="Attempts in trouble"
          value={provider.attempts ?? 1}
          onChange={(count) => onChange({ ...provider, attempts: count ?? 1 })}
        />
        <Numeric
          label="Pause between, seconds"
          value={provider.wait_seconds ?? 2}
          onChange={(seconds) => onChange({ ...provider, wait_seconds: seconds ?? 0 })}
        />
        <Field label="Found if there is">
          {(control) => (
            <Input
              {...control}
              mono
              placeholder="any field"
              value={provider.found_at ?? ""}
              onChange={(event) => onChange({ ...provider, found_at: event.target.value })}
            />
          )}
        </Field>
      </div>
      <BudgetFields
        budget={provider.budget ?? {}}
        currency={currency}
        onChange={(budget) => onChange({ ...provider, budget })}
      />
      <Checkbox
        label="Leave it out for now"
        checked={provider.off ?? false}
        onCheckedChange={(off) => onChange({ ...provider, off })}
      />
    </div>
  );
}
