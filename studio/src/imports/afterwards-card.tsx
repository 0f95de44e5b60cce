import {
  type ImportAfterwards,
  type ImportSettings,
  type KeyKind,
  useLists,
  usePools,
  useStages,
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
          <Field label="Give to the next in the pool" help="Leads that have an owner keep theirs.">
            {(control) => (
              <Select
                {...control}
                value={settings.afterwards.pool ?? ""}
                onValueChange={(value) => go("pool", value)}
                options={[
                  { ...nothing, label: "Nobody" },
                  ...pools.map((pool) => ({ value: pool.name, label: pool.name })),
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
