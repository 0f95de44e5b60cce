/** Which lead a step works on: nearly always the one an earlier step found, so that one is offered. */
import { Button } from "@/ui";
import { type AvailableData, holeOf } from "../data/available";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { recordOf, textOf, type WidgetProps } from "./widget";

export function LeadWidget({ field, value, onChange, control }: WidgetProps) {
  const { available, readOnly } = useFormScope();
  const text = textOf(value);
  const offers = text === "" && !readOnly ? leadsIn(available) : [];
  return (
    <div className="flex flex-col gap-1">
      <TemplateField
        value={text}
        onChange={onChange}
        label={field.title}
        labelledBy={control.labelId}
        describedBy={control.describedBy}
        id={control.id}
        invalid={control.invalid}
        placeholder="The lead of an earlier step"
      />
      {offers.slice(0, 2).map((root) => (
        <Button
          key={root.path.join(".")}
          size="small"
          variant="ghost"
          icon="plus"
          className="-ml-2 self-start text-accent-text"
          onClick={() => onChange(holeOf({ path: [...root.path, "lead"] }))}
        >
          Use the lead of “{root.title}”
        </Button>
      ))}
    </div>
  );
}

/** The steps that put out a lead, nearest first. */
function leadsIn(available: readonly AvailableData[]): AvailableData[] {
  return available.filter(
    ({ path, sample }) => path[0] === "steps" && "id" in recordOf(recordOf(sample).lead),
  );
}
