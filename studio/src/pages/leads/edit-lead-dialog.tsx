import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import {
  type Json,
  type Lead,
  type LeadEdit,
  leadChanges,
  tell,
  useOwners,
  useOwnFields,
  useStages,
} from "@/api";
import { Button, Combobox, Dialog, Field, Input, Select, toast } from "@/ui";
import { OwnValueInput } from "./own-value-input";

/** The fields people correct, two to a line. */
const LINES = [
  ["first_name", "last_name"],
  ["email", "phone"],
  ["job_title", "company"],
  ["company_size", "industry"],
  ["website", "source"],
  ["country", "region"],
  ["city", "postal_code"],
] as const;
type Name = (typeof LINES)[number][number];

const LABELS: Record<Name, string> = {
  first_name: "First name",
  last_name: "Last name",
  email: "E-mail",
  phone: "Phone",
  job_title: "Job title",
  company: "Company",
  company_size: "Company size",
  industry: "Industry",
  website: "Website",
  source: "Source",
  country: "Country",
  region: "Region",
  city: "City",
  postal_code: "Postal code",
};

type Draft = Record<Name, string>;

/** Lists and records, which no box of this form can hold. */
function isHeap(value: unknown): boolean {
  return value !== null && typeof value === "object";
}

function draftOf(lead: Lead): Draft {
  const names = LINES.flat();
  return Object.fromEntries(names.map((name) => [name, String(lead[name] ?? "")])) as Draft;
}

/** Corrects a lead by hand. Only what differs is sent, so that nobody else's change is undone. */
export function EditLeadDialog({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const before = draftOf(lead);
  const [draft, setDraft] = useState(before);
  const [stage, setStage] = useState(lead.stage);
  const [owner, setOwner] = useState(lead.owner?.id ?? "");
  const typed = useOwnFields().data ?? [];
  const [own, setOwn] = useState<Record<string, Json>>({});
  const untyped = Object.entries(lead.fields)
    .filter(([name, value]) => !typed.some((field) => field.name === name) && !isHeap(value))
    .map(([name]) => name);
  const client = useQueryClient();
  const owners = useOwners().data?.items ?? [];
  const stages = useStages().data?.items ?? [];
  const form = useId();

  const save = useMutation({
    mutationFn: () => {
      const fields: NonNullable<LeadEdit["fields"]> = {};
      for (const name of LINES.flat()) {
        if (draft[name] !== before[name]) fields[name] = draft[name].trim() || null;
      }
      for (const [name, value] of Object.entries(own)) {
        const now = typeof value === "string" ? value.trim() || null : value;
        if (JSON.stringify(now) !== JSON.stringify(lead.fields[name] ?? null)) fields[name] = now;
      }
      const edit: LeadEdit = { fields };
      if (owner !== (lead.owner?.id ?? "")) edit.owner = owner;
      if (stage !== lead.stage) edit.stage = stage;
      return leadChanges.edit(lead.id, edit);
    },
    onSuccess: async ({ changed }) => {
      await client.invalidateQueries();
      toast({ tone: "ok", title: changed.length ? `Saved ${changed.join(", ")}` : "Nothing had changed" });
      onClose();
    },
  });
  const told = save.error ? tell(save.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Edit ${lead.name}`}
      description="What you write counts; an emptied field is empty. The timeline notes your name."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        {told ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        <div className="grid grid-cols-2 gap-3">
          <Field label="Owner">
            {(control) => (
              <Combobox
                {...control}
                value={owner}
                onValueChange={setOwner}
                options={[
                  { value: "", label: "Nobody" },
                  ...owners.map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
                ]}
              />
            )}
          </Field>
          <Field label="Stage">
            {(control) => (
              <Select
                {...control}
                value={stage}
                onValueChange={setStage}
                options={stages.map(({ name }) => ({ value: name, label: name }))}
              />
            )}
          </Field>
          {LINES.flat().map((name) => (
            <Field key={name} label={LABELS[name]}>
              {(control) => (
                <Input
                  {...control}
                  value={draft[name]}
                  onChange={(event) => setDraft((now) => ({ ...now, [name]: event.target.value }))}
                />
              )}
            </Field>
          ))}
          {typed.map((field) => (
            <Field key={field.name} label={field.label} help={field.help || undefined}>
              {(control) => (
                <OwnValueInput
                  control={control}
                  field={field}
                  value={field.name in own ? own[field.name] : lead.fields[field.name]}
                  onChange={(value) => setOwn((now) => ({ ...now, [field.name]: value }))}
                />
              )}
            </Field>
          ))}
          {untyped.map((name) => (
            <Field key={name} label={name}>
              {(control) => (
                <Input
                  {...control}
                  value={String((name in own ? own[name] : lead.fields[name]) ?? "")}
                  onChange={(event) => setOwn((now) => ({ ...now, [name]: event.target.value }))}
                />
              )}
            </Field>
          ))}
        </div>
      </form>
    </Dialog>
  );
}
