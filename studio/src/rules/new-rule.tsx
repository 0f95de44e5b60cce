import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type Rule, type RuleDocument, type RuleKind, ruleKeys, rulesApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input } from "@/ui";

interface NewRuleProps {
  readonly kind: RuleKind;
  readonly label: string;
  readonly suggestion: string;
  readonly draft: RuleDocument;
  readonly onMade: (rule: Rule) => void;
}

/** Asks for a name and makes a draft. */
export function NewRuleButton({ kind, label, suggestion, draft, onMade }: NewRuleProps) {
  const client = useQueryClient();
  const form = useId();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(suggestion);
  const create = useMutation({
    mutationFn: () => rulesApi.create(kind, { name: name.trim(), draft }),
    onSuccess: async (rule) => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: ruleKeys.list(kind) });
      onMade(rule);
    },
    onError: sayError("It was not made"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  return (
    <>
      <Button icon="plus" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        width="small"
        title={label}
        description="Nothing is in force before you publish it."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" form={form} variant="primary" busy={create.isPending}>
              Make it
            </Button>
          </>
        }
      >
        <form id={form} onSubmit={submit}>
          <Field label="Name" help="Workflows and leads call it so; the name stays." required>
            {(control) => (
              <Input {...control} autoFocus value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
        </form>
      </Dialog>
    </>
  );
}
