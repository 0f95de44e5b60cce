import { useState } from "react";
import type { LeadRule } from "@/api";
import { CriteriaEditor } from "@/rules/criteria-editor";
import { Button, Popover } from "@/ui";
import { asks, testsOf } from "./address";

const ONE_LINE: LeadRule = { all: [{ field: "", op: "equals", value: "" }] };

interface FilterButtonProps {
  rule: LeadRule | undefined;
  onRule: (rule: LeadRule | undefined) => void;
}

/** The filter as a rule, built as those of segments. It applies when it is asked to, not at every key. */
export function FilterButton({ rule, onRule }: FilterButtonProps) {
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState<LeadRule>(rule ?? ONE_LINE);
  const count = testsOf(rule);
  const show = (next: boolean) => {
    if (next) setDraft(rule ?? ONE_LINE);
    setOpen(next);
  };
  const apply = (next: LeadRule | undefined) => {
    onRule(next && asks(next) ? next : undefined);
    setOpen(false);
  };
  return (
    <Popover
      open={open}
      onOpenChange={show}
      label="Filter the leads"
      className="w-[640px] max-w-[calc(100vw-32px)]"
      trigger={
        <Button icon="filter" className={count > 0 ? "text-accent-text" : undefined}>
          {count > 0 ? `Filter: ${count} ${count === 1 ? "line" : "lines"}` : "Filter"}
        </Button>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          apply(draft);
        }}
      >
        <CriteriaEditor value={draft} onChange={(next) => setDraft(next as LeadRule)} name="the filter" />
        <div className="mt-3 flex justify-end gap-2 border-t border-border pt-3">
          <Button onClick={() => apply(undefined)}>Clear the filter</Button>
          <Button type="submit" variant="primary">
            Show these leads
          </Button>
        </div>
      </form>
    </Popover>
  );
}
