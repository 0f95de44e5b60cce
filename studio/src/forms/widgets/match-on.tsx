/** By which keys a lead is recognised, in order: "by e-mail, then phone". */
import { Checkbox } from "@/ui";
import { keyInWords } from "../data/available";
import { type Choice, choicesOf, withoutNull } from "../schema/read";
import { useFormScope } from "../scope";
import { RowList, useRows } from "./rows";
import type { WidgetProps } from "./widget";

const USUAL: readonly Choice[] = ["email", "phone", "external_id"].map((value) => ({
  value,
  label: keyInWords(value),
}));

export function MatchOnWidget({ field, value, onChange }: WidgetProps) {
  const { readOnly } = useFormScope();
  const offered = choicesOf(withoutNull(field.schema.items ?? {}));
  const choices = offered.length > 0 ? offered : USUAL;
  const chosen = (Array.isArray(value) ? value : []).filter(
    (item): item is string => typeof item === "string",
  );
  const rows = useRows<string>(chosen, onChange);
  const label = (key: string) => choices.find((choice) => choice.value === key)?.label ?? keyInWords(key);
  const left = choices.filter((choice) => !chosen.includes(String(choice.value)));
  return (
    <div className="flex flex-col gap-1">
      <RowList rows={rows} noun="key" least={1}>
        {(key, index) => (
          <p className="flex h-7 items-center gap-2">
            <span className="text-muted">{index === 0 ? "by" : "then by"}</span>
            <span className="font-medium">{label(key)}</span>
          </p>
        )}
      </RowList>
      {left.length > 0 && !readOnly ? (
        <div className="flex flex-wrap gap-3 pl-3">
          {left.map((choice) => (
            <Checkbox
              key={String(choice.value)}
              label={choice.label}
              checked={false}
              onCheckedChange={() => rows.add(String(choice.value))}
            />
          ))}
        </div>
      ) : null}
    </div>
  );
}
