/** Published scoring models and segments, picked by name. */
import { type RuleKind, useRules } from "@/api";
import { Picker } from "./pickers";
import type { WidgetProps } from "./widget";

export function SegmentWidget(props: WidgetProps) {
  return (
    <PublishedRule
      {...props}
      kind="segment"
      placeholder="Choose a segment"
      emptyText="No published segment of that name."
    />
  );
}

export function ScoringModelWidget(props: WidgetProps) {
  return (
    <PublishedRule
      {...props}
      kind="scoring_model"
      placeholder="The table below"
      emptyText="No published scoring model of that name."
    />
  );
}

interface PublishedRuleProps extends WidgetProps {
  readonly kind: RuleKind;
  readonly placeholder: string;
  readonly emptyText: string;
}

function PublishedRule({ kind, ...props }: PublishedRuleProps) {
  const rules = useRules(kind);
  const published = rules.data?.filter(({ version }) => version !== null);
  return (
    <Picker
      {...props}
      options={published?.map(({ id, name, version }) => ({
        id,
        value: name,
        label: name,
        hint: `v${version}`,
      }))}
      failed={rules.isError}
    />
  );
}
