import { ConditionBuilder } from "../condition/condition-builder";
import { asGroup } from "../condition/model";
import type { WidgetProps } from "./widget";

export function ConditionWidget({ value, onChange }: WidgetProps) {
  return <ConditionBuilder value={asGroup(value)} onChange={onChange} />;
}
