import { type ColumnUse, type ImportFound, type ImportSettings, useOwnFields } from "@/api";
import { typeWords } from "@/pages/fields/field-words";
import { Card, Cell, Combobox, HeadCell, Row, Select, Table } from "@/ui";
import { count, LEAD_FIELDS } from "./words";

const LEFT_OUT = "";
const NAME = { value: "name", label: "Whole name", hint: "is split into first and last name" };

/** Each column with its values and the field it becomes. */
export function ColumnsCard({
  found,
  settings,
  onSettings,
}: {
  found: ImportFound;
  settings: ImportSettings;
  onSettings: (settings: ImportSettings) => void;
}) {
  const typed = useOwnFields().data ?? [];
  const isKnown = (field: string) =>
    field === NAME.value || [...LEAD_FIELDS, ...typed].some((known) => known.name === field);
  const own = settings.columns.map((use) => use.field).filter((field) => field && !isKnown(field));
  const options = [
    { value: LEFT_OUT, label: "Leave out" },
    NAME,
    ...LEAD_FIELDS.map((field) => ({ value: field.name, label: field.label })),
    ...typed.map((field) => ({ value: field.name, label: field.label, hint: typeWords(field.type) })),
    ...own.map((field) => ({ value: field, label: field, hint: "own field without a type" })),
  ];
  const set = (place: number, change: Partial<ColumnUse>) =>
    onSettings({
      ...settings,
      columns: settings.columns.map((use, at) => (at === place ? { ...use, ...change } : use)),
    });
  const twice = new Set(
    settings.columns.map((use) => use.field).filter((field, at, all) => field && all.indexOf(field) !== at),
  );
  return (
    <Card
      title="Columns"
      subtitle={`${settings.columns.filter((use) => use.field).length} of ${settings.columns.length} are imported`}
      flush
    >
      <div className="overflow-x-auto">
        <Table aria-label="Columns of the file">
          <thead>
            <tr>
              <HeadCell>Column</HeadCell>
              <HeadCell>Values</HeadCell>
              <HeadCell>Becomes</HeadCell>
              <HeadCell>When the lead has one</HeadCell>
            </tr>
          </thead>
          <tbody>
            {settings.columns.map((use, place) => {
              const column = found.profile[place];
              return (
                <Row key={use.column}>
                  <Cell className="max-w-[190px]">
                    <span className="block truncate font-medium">{use.column}</span>
                    <span className="text-muted tabular">{count(column?.filled ?? 0)} filled</span>
                  </Cell>
                  <Cell className="max-w-[300px] truncate text-muted" title={column?.samples.join(" · ")}>
                    {column?.samples.join(" · ") || "empty"}
                  </Cell>
                  <Cell className="w-[220px]">
                    <Combobox
                      aria-label={`Field for ${use.column}`}
                      value={use.field}
                      options={options}
                      onValueChange={(field) => set(place, { field })}
                      onCreate={(text) => set(place, { field: fieldName(text) })}
                      createLabel={(text) => `Own field “${fieldName(text)}”`}
                      {...(twice.has(use.field) ? { "aria-invalid": true as const } : {})}
                    />
                    {twice.has(use.field) ? (
                      <p className="mt-1 text-xs text-bad">Two columns fill this field.</p>
                    ) : null}
                  </Cell>
                  <Cell className="w-[190px]">
                    <Select
                      size="small"
                      aria-label={`Who wins for ${use.column}`}
                      disabled={!use.field}
                      value={use.wins}
                      onValueChange={(wins) => set(place, { wins: wins === "file" ? "file" : "lead" })}
                      options={[
                        { value: "lead", label: "Keep the lead's" },
                        { value: "file", label: "Take the file's" },
                      ]}
                    />
                  </Cell>
                </Row>
              );
            })}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

/** `Budget (EUR)` as `budget_eur`. */
function fieldName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}
