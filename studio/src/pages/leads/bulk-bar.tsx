import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type BulkEdit, leadChanges, tell, useLists, useOwners, useStages } from "@/api";
import { Button, Combobox, type SelectOption, toast } from "@/ui";

interface BulkBarProps {
  selected: ReadonlySet<string>;
  onClear: () => void;
  /** Opens all that can be done with them. */
  onMore: () => void;
  children?: ReactNode;
}

/** What can be done with the leads that are ticked. */
export function BulkBar({ selected, onClear, onMore, children }: BulkBarProps) {
  const client = useQueryClient();
  const owners = useOwners().data?.items ?? [];
  const stages = useStages().data?.items ?? [];
  const lists = useLists().data?.items ?? [];
  const change = useMutation({
    mutationFn: (edit: Omit<BulkEdit, "leads">) => leadChanges.bulk({ leads: [...selected], ...edit }),
    onSuccess: async ({ changed, same, failed }) => {
      await client.invalidateQueries();
      const rest = [
        same ? `${same.toLocaleString("en")} stood so already` : "",
        failed.length
          ? `${failed.length.toLocaleString("en")} could not be changed: ${failed[0]?.message}`
          : "",
      ];
      toast({
        tone: failed.length ? "bad" : "ok",
        title: `${changed.toLocaleString("en")} ${changed === 1 ? "lead" : "leads"} changed`,
        description: rest.filter(Boolean).join("; "),
      });
      if (failed.length === 0) onClear();
    },
    onError: (error) => {
      const told = tell(error);
      toast({ tone: "bad", title: told.title, description: told.detail });
    },
  });
  const named = (items: { id: string; name: string }[]): SelectOption[] =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  const choice = (
    label: string,
    options: SelectOption[],
    edit: (value: string) => Omit<BulkEdit, "leads">,
  ) => (
    <Combobox
      aria-label={label}
      placeholder={label}
      value={undefined}
      options={options}
      disabled={change.isPending}
      className="w-44"
      onValueChange={(value) => change.mutate(edit(value))}
      {...(label === "Add to list"
        ? { onCreate: (text: string) => change.mutate({ add_to_list: text }) }
        : {})}
    />
  );
  return (
    <section
      aria-label="Change the selected leads"
      className="mb-3 flex flex-wrap items-center gap-2 rounded-lg border border-border bg-accent-soft px-3 py-2"
    >
      <span className="font-medium text-accent-text tabular" role="status">
        {selected.size.toLocaleString("en")} selected
      </span>
      {choice("Assign to", [{ value: "", label: "Nobody" }, ...named(owners)], (owner) => ({ owner }))}
      {choice(
        "Set stage",
        stages.map(({ name }) => ({ value: name, label: name })),
        (stage) => ({ stage }),
      )}
      {choice("Add to list", named(lists), (add_to_list) => ({ add_to_list }))}
      {choice("Remove from list", named(lists), (remove_from_list) => ({ remove_from_list }))}
      <Button onClick={onMore}>More changes</Button>
      {children}
      <Button variant="ghost" onClick={onClear} busy={change.isPending}>
        Clear selection
      </Button>
    </section>
  );
}
