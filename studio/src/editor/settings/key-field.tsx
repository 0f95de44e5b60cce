/** What makes two events be about the same thing: a field of the trigger's event, with the likely ones offered. */
import type { AvailableData } from "@/forms/data/available";
import { holeOf, treeOf } from "@/forms/data/available";
import { TemplateField } from "@/forms/template/template-field";
import { Button, Icon } from "@/ui";

interface KeyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly available: readonly AvailableData[];
  readonly problem?: string | undefined;
  readonly onChange: (value: string) => void;
}

export function KeyField({ label, value, available, problem, onChange }: KeyFieldProps) {
  const offers = value.trim() === "" ? likelyKeys(available) : [];
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span className="flex min-h-[18px] items-center text-xs font-semibold text-muted">{label}</span>
      <TemplateField
        value={value}
        onChange={onChange}
        label={label}
        placeholder="A field of the event, its e-mail say"
        invalid={problem !== undefined}
      />
      {offers.length > 0 ? (
        <div className="flex flex-wrap gap-1">
          {offers.map(({ label: name, template }) => (
            <Button
              key={template}
              size="small"
              variant="ghost"
              icon="plus"
              className="text-accent-text"
              onClick={() => onChange(template)}
            >
              {name}
            </Button>
          ))}
        </div>
      ) : null}
      {problem ? (
        <p role="alert" className="flex items-start gap-1 text-xs text-bad">
          <Icon name="error" size={14} className="mt-px" />
          {value.trim() === "" ? "Choose a field; without it the workflow cannot be published." : problem}
        </p>
      ) : null}
    </div>
  );
}

const MOST_OFFERS = 4;
/** Names of fields that tell people or things apart, the surest first. */
const TELLING = [
  "email",
  "e_mail",
  "mail",
  "external_id",
  "id",
  "lead_id",
  "contact_id",
  "phone",
  "company",
  "domain",
];

/** Fields of the event whose name says that they tell things apart. */
export function likelyKeys(available: readonly AvailableData[]): { label: string; template: string }[] {
  const found: { label: string; template: string; rank: number }[] = [];
  for (const root of available) {
    const waiting = [...treeOf(root)];
    for (let node = waiting.shift(); node; node = waiting.shift()) {
      const rank = TELLING.indexOf(String(node.path.at(-1)).toLowerCase());
      const single = typeof node.value === "string" || typeof node.value === "number";
      if (rank >= 0 && single) found.push({ label: node.label, template: holeOf(node), rank });
      if (node.path.length < 4) waiting.push(...node.children);
    }
  }
  return found.sort((a, b) => a.rank - b.rank).slice(0, MOST_OFFERS);
}
