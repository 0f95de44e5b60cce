import { CriteriaEditor } from "@/rules/criteria-editor";
import { Card, Checkbox, Field, IconButton, Input, Textarea } from "@/ui";
import type { StageRule } from "./stages";

interface StageCardProps {
  readonly stage: StageRule;
  readonly number: number;
  readonly others: readonly string[];
  readonly onChange: (stage: StageRule) => void;
  readonly onRemove: () => void;
  readonly onUp: (() => void) | undefined;
  readonly onDown: (() => void) | undefined;
}

/** A stage: what was agreed, and the rules that hold people to it. */
export function StageCard(props: StageCardProps) {
  const { stage, number, others, onChange, onRemove, onUp, onDown } = props;
  const name = stage.name || `stage ${number}`;
  const free = stage.moves_to === undefined;
  const setMoves = (on: boolean, other: string) => {
    const listed = stage.moves_to ?? [];
    onChange({ ...stage, moves_to: on ? [...listed, other] : listed.filter((one) => one !== other) });
  };
  const setFree = (on: boolean) => {
    const { moves_to: _old, ...rest } = stage;
    onChange(on ? rest : { ...rest, moves_to: [] });
  };
  return (
    <Card
      title={`${number}. ${name}`}
      aside={
        <>
          <IconButton icon="arrow-up" label={`Move ${name} up`} disabled={!onUp} onClick={() => onUp?.()} />
          <IconButton
            icon="arrow-down"
            label={`Move ${name} down`}
            disabled={!onDown}
            onClick={() => onDown?.()}
          />
          <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />
        </>
      }
    >
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              value={stage.name}
              onChange={(event) => onChange({ ...stage, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Status in the CRM" help="Goes along with every move into this stage.">
          {(control) => (
            <Input
              {...control}
              value={stage.crm_status ?? ""}
              onChange={(event) => onChange({ ...stage, crm_status: event.target.value })}
            />
          )}
        </Field>
        <Field label="What it means" help="As marketing and sales agreed." className="sm:col-span-2">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={stage.means ?? ""}
              onChange={(event) => onChange({ ...stage, means: event.target.value })}
            />
          )}
        </Field>
        <div className="sm:col-span-2">
          <h3 className="mb-1 text-xs font-semibold text-muted">Who may enter</h3>
          <CriteriaEditor
            value={stage.entry}
            name={`the entry rule of ${name}`}
            onChange={(entry) => onChange({ ...stage, entry })}
          />
        </div>
        <fieldset className="sm:col-span-2">
          <legend className="mb-1 text-xs font-semibold text-muted">Where leads may go from here</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            <Checkbox checked={free} label="Any later stage" onCheckedChange={setFree} />
            {free
              ? null
              : others.map((other) => (
                  <Checkbox
                    key={other}
                    checked={stage.moves_to?.includes(other) ?? false}
                    label={other || "without a name"}
                    onCheckedChange={(on) => setMoves(on, other)}
                  />
                ))}
          </div>
        </fieldset>
        <Checkbox
          checked={stage.recycle ?? false}
          label="Leads come back here"
          help="Entering needs a reason, and is counted on the lead."
          onCheckedChange={(recycle) => onChange({ ...stage, recycle })}
        />
      </div>
    </Card>
  );
}
