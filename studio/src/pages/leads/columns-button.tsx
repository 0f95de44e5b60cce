import { useState } from "react";
import { useLeadColumns } from "@/api";
import { Button, Combobox, IconButton, Popover } from "@/ui";
import { USUAL_COLUMNS } from "./address";

interface ColumnsButtonProps {
  columns: string[];
  onColumns: (columns: string[]) => void;
}

/** Which columns there are, and in which order. */
export function ColumnsButton({ columns, onColumns }: ColumnsButtonProps) {
  const [open, setOpen] = useState(false);
  const known = useLeadColumns().data ?? [];
  const label = (name: string) => known.find((column) => column.name === name)?.label ?? name;
  const move = (at: number, by: number) => {
    const next = [...columns];
    const [moved] = next.splice(at, 1);
    if (moved !== undefined) next.splice(at + by, 0, moved);
    onColumns(next);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Columns"
      align="end"
      className="w-72"
      trigger={<Button icon="grid">Columns</Button>}
    >
      <ol aria-label="Columns in their order" className="mb-2 flex flex-col">
        {columns.map((name, at) => (
          <li key={name} className="flex items-center gap-1 border-b border-border py-0.5 last:border-0">
            <span className="min-w-0 flex-1 truncate">{label(name)}</span>
            <IconButton
              icon="arrow-up"
              label={`Move ${label(name)} forward`}
              noTooltip
              disabled={at === 0}
              onClick={() => move(at, -1)}
            />
            <IconButton
              icon="arrow-down"
              label={`Move ${label(name)} back`}
              noTooltip
              disabled={at === columns.length - 1}
              onClick={() => move(at, 1)}
            />
            <IconButton
              icon="close"
              label={`Hide ${label(name)}`}
              noTooltip
              disabled={columns.length === 1}
              onClick={() => onColumns(columns.filter((one) => one !== name))}
            />
          </li>
        ))}
      </ol>
      <Combobox
        aria-label="Add a column"
        placeholder="Add a column"
        searchPlaceholder="Search the fields"
        value={undefined}
        options={known
          .filter(({ name }) => !columns.includes(name))
          .map(({ name, label: words }) => ({
            value: name,
            label: words,
            ...(name.startsWith("fields.") ? { hint: "own field" } : {}),
          }))}
        onValueChange={(name) => onColumns([...columns, name])}
      />
      <Button
        size="small"
        variant="ghost"
        className="mt-2"
        onClick={() => {
          onColumns([...USUAL_COLUMNS]);
          setOpen(false);
        }}
      >
        The usual columns
      </Button>
    </Popover>
  );
}
