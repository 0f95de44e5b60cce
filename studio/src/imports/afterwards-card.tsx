import {
  type ImportAfterwards,
  type ImportSettings,
  type KeyKind,
  useLists,
  useOwners,
  usePools,
  useStages,
  useWorkflowsByHand,
} from "@/api";
import { Card, Checkbox, Combobox, Field, Input, Select } from "@/ui";

const KEYS: { kind: KeyKind; label: string }[] = [
  { kind: "external_id", label: "External ID" },
  { kind: "email", label: "E-mail" },
  { kind: "phone", label: "Phone" },
];

interface Props {
  settings: ImportSettings;
  onSettings: (settings: ImportSettings) => void;
}

/** How known leads are recognised, and what happens to each lead besides. */
export function AfterwardsCard({ settings, onSettings }: Props) {
  const pools = usePools().data?.items ?? [];
  const owners = useOwners().data?.items ?? [];
  const workflows = useWorkflowsByHand();
  const lists = useLists().data?.items ?? [];
  const stages = useStages().data?.items ?? [];
  const set = (change: Partial<ImportSettings>) => onSettings({ ...settings, ...change });
  const go = (name: keyof ImportAfterwards, value: string) => {
    const { [name]: _, ...rest } = settings.afterwards;
    set({ afterwards: value ? { ...rest, [name]: value } : rest });
  };
  const nothing = { value: "", label: "Nothing" };
  const filled = (kind: KeyKind) => settings.columns.some((use) => use.field === kind);
  return (
    <Card title="Known leads, and what comes next">
      <div className="grid gap-x-8 gap-y-4 lg:grid-cols-2">
        <div className="flex flex-col gap-3">
          <fieldset>
            <legend className="mb-2 font-medium">A lead is recognised by</legend>
            <div className="flex flex-wrap gap-x-5 gap-y-2">
              {KEYS.map(({ kind, label }) => (
                <Checkbox
                  key={kind}
                  disabled={!filled(kind)}
                  checked={filled(kind) && settings.match_on.includes(kind)}
                  onCheckedChange={(on) =>
                    set({
                      match_on: KEYS.map((key) => key.kind).filter((key) =>
                        key === kind ? on : settings.match_on.includes(key),
                      ),
                    })
                  }
                  label={label}
                />
              ))}
            </div>
          </fieldset>
          <Field label="Rows about">
            {(control) => (
              <Select
                {...control}
                value={settings.mode}
                onValueChange={(mode) => set({ mode: mode as ImportSettings["mode"] })}
                options={[
                  { value: "create_and_update", label: "new leads create them, known leads update them" },
                  { value: "create_only", label: "new leads create them, known leads are left alone" },
                  { value: "update_only", label: "known leads update them, new leads are left out" },
                ]}
              />
            )}
          </Field>
          <Field label="A second row about the same lead">
            {(control) => (
              <Select
                {...control}
                value={settings.repeated}
                onValueChange={(repeated) => set({ repeated: repeated === "skip" ? "skip" : "merge" })}
                options={[
                  { value: "merge", label: "adds what the first left open" },
                  { value: "skip", label: "is left out" },
                ]}
              />
            )}
          </Field>
        </div>
        <div className="grid content-start gap-3 sm:grid-cols-2">
          <Field label="Put every lead on the list">
            {(control) => (
              <Combobox
                {...control}
                value={settings.afterwards.list ?? ""}
                onValueChange={(value) => go("list", value)}
                onCreate={(value) => go("list", value.trim())}
                createLabel={(value) => `New list “${value.trim()}”`}
                options={[
                  { ...nothing, label: "No list" },
                  ...lists.map((list) => ({ value: list.name, label: list.name })),
                  ...(settings.afterwards.list &&
                  !lists.some((list) => list.name === settings.afterwards.list)
                    ? [{ value: settings.afterwards.list, label: settings.afterwards.list, hint: "new" }]
                    : []),
                ]}
              />
            )}
          </Field>
          <Field label="Move to the stage" help="Never back.">
            {(control) => (
              <Select
                {...control}
                value={settings.afterwards.stage ?? ""}
                onValueChange={(value) => go("stage", value)}
                options={[
                  { ...nothing, label: "Where they are" },
                  ...stages.map((stage) => ({ value: stage.name, label: stage.name })),
                ]}
              />
            )}
          </Field>
          <Field label="Give to" help="Leads that have an owner keep theirs.">
            {(control) => (
              <Combobox
                {...control}
                value={taker(settings.afterwards)}
                onValueChange={(value) => set({ afterwards: { ...settings.afterwards, ...takenBy(value) } })}
                options={[
                  { ...nothing, label: "Nobody" },
                  ...pools.map((pool) => ({
                    value: `pool:${pool.name}`,
                    label: pool.name,
                    hint: "next in the pool",
                  })),
                  ...owners.map((owner) => ({
                    value: `owner:${owner.email}`,
                    label: owner.name,
                    hint: owner.email,
                  })),
                ]}
              />
            )}
          </Field>
          <Field
            label="Then send through"
            help="Each lead once, when all rows are in. The workflow is started by hand."
          >
            {(control) => (
              <Combobox
                {...control}
                value={settings.afterwards.workflow ?? ""}
                onValueChange={(value) => go("workflow", value)}
                options={[
                  { ...nothing, label: "No workflow" },
                  ...workflows.map((workflow) => ({ value: workflow.id, label: workflow.name })),
                ]}
              />
            )}
          </Field>
          <Field label="Source" help="Where a row says nothing.">
            {(control) => (
              <Input
                {...control}
                value={settings.afterwards.source ?? ""}
                placeholder="Trade fair 2026"
                onChange={(event) => go("source", event.target.value)}
              />
            )}
          </Field>
        </div>
      </div>
    </Card>
  );
}

/** Who takes the leads, as one choice of the list. */
function taker({ owner, pool }: ImportAfterwards): string {
  if (owner) return `owner:${owner}`;
  return pool ? `pool:${pool}` : "";
}

function takenBy(choice: string): Pick<ImportAfterwards, "owner" | "pool"> {
  const [kind, ...name] = choice.split(":");
  return {
    owner: kind === "owner" ? name.join(":") : undefined,
    pool: kind === "pool" ? name.join(":") : undefined,
  };
}
