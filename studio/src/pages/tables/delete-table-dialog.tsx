import { useQueryClient } from "@tanstack/react-query";
import { type DataTable, tableKeys, tablesApi, useTableUses } from "@/api";
import { sayError } from "@/app/say-error";
import { ConfirmDialog } from "@/ui";

interface DeleteTableDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  table: DataTable;
  onDeleted: () => void;
}

/** Asks before a table goes, and names the workflows that will miss it. */
export function DeleteTableDialog({ open, onOpenChange, table, onDeleted }: DeleteTableDialogProps) {
  const client = useQueryClient();
  const uses = useTableUses(table.id, open);
  const users = uses.data?.items ?? [];
  const rows = table.rows === 1 ? "its row" : `its ${table.rows.toLocaleString("en")} rows`;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete “${table.name}”?`}
      description={
        <>
          The table and {rows} are gone for good.{" "}
          {uses.isPending
            ? "Looking which workflows use it."
            : users.length === 0
              ? "No workflow names it."
              : `These workflows use it and will fail there: ${users
                  .map(({ name, steps }) => `${name} (${steps.join(", ")})`)
                  .join("; ")}.`}
        </>
      }
      confirmLabel="Delete table"
      danger
      onConfirm={async () => {
        try {
          await tablesApi.remove(table.id);
        } catch (error) {
          sayError("The table was not deleted")(error);
          throw error;
        }
        onDeleted();
        client.removeQueries({ queryKey: tableKeys.table(table.id) });
        await client.invalidateQueries({ queryKey: tableKeys.tables });
      }}
    />
  );
}
