import { clsx } from "clsx";
import { Icon } from "@/ui";
import type { Condition } from "./model";
import { type Holds, useHolds } from "./use-holds";

/** Whether something holds for the sample, as a small mark with words; nothing while it is not known. */
export function HoldsMark({ holds }: { holds: Holds }) {
  if (holds === null) return null;
  const words = holds ? "Holds for the sample" : "Does not hold for the sample";
  return (
    <span className={clsx("inline-flex", holds ? "text-ok" : "text-faint")} title={words}>
      <Icon name={holds ? "done" : "minus"} size={14} label={words} />
    </span>
  );
}

/** The mark of a condition that it asks about itself. */
export function ConditionMark({ condition }: { condition: Condition }) {
  return <HoldsMark holds={useHolds(condition)} />;
}
