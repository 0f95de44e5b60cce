import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type FieldType, fieldsApi, type LeadField, tell } from "@/api";
import { Button, Dialog, Field, Input, Select, Textarea } from "@/ui";
import { hasOptions, nameOf, readOptions, TYPE_OPTIONS } from "./field-words";

interface FieldDialogProps {
  /** The field to change; a new one without. */
  field?: LeadField;
  onClose: () => void;
}

/** Lays down a field, or renames it. */
export function FieldDialog({ field, onClose }: FieldDialogProps) {
  const client = useQueryClient();
  const [label, setLabel] = useState(field?.label ?? "");
  const [name, setName] = useState<string | null>(field?.name ?? null);
  const [help, setHelp] = useState(field?.help ?? "");
  const [type, setType] = useState<FieldType>(field?.type ?? "text");
  const [options, setOptions] = useState(field?.options.join("\n") ?? "");
  const words = {
    label: label.trim(),
    help: help.trim(),
    options: hasOptions(type) ? readOptions(options) : [],
  };
  const save = useMutation({
    mutationFn: () =>
      field
        ? fieldsApi.change(field.id, { ...words, base_revision: field.revision })
        : fieldsApi.create({ ...words, type, ...(name ? { name } : {}) }),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
  });
  const told = save.error ? tell(save.error) : null;
  const complete = words.label !== "" && (!hasOptions(type) || words.options.length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={field ? "Change the field" : "New field"}
      description={
        field
          ? "Type and technical name stay: rules, workflows and leads know the field by them."
          : "Every lead has the field from now on. Values that do not fit its type are refused, with the reason."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="own-field" variant="primary" busy={save.isPending} disabled={!complete}>
            {field ? "Save" : "Add the field"}
          </Button>
        </>
      }
    >
      <form id="own-field" onSubmit={submit} className="flex flex-col gap-4">
        {told ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        <div className="grid grid-cols-2 gap-3">
          <Field label="Label" help="What people read.">
            {(control) => (
              <Input
                {...control}
                value={label}
                placeholder="Renewal date"
                onChange={(event) => setLabel(event.target.value)}
              />
            )}
          </Field>
          <Field label="Technical name" help="How expressions and files name it; it stays.">
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                value={name ?? nameOf(label)}
                disabled={field !== undefined}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Type">
            {(control) => (
              <Select
                {...control}
                value={type}
                disabled={field !== undefined}
                options={[...TYPE_OPTIONS]}
                onValueChange={(next) => setType(next as FieldType)}
              />
            )}
          </Field>
          <Field label="Help" help="What belongs in it, for those who fill it in.">
            {(control) => (
              <Input {...control} value={help} onChange={(event) => setHelp(event.target.value)} />
            )}
          </Field>
        </div>
        {hasOptions(type) ? (
          <Field
            label="Choices"
            help={
              field
                ? "One a line. Leads keep a choice you take away until somebody changes it."
                : "One a line, in the order people see them."
            }
          >
            {(control) => (
              <Textarea
                {...control}
                rows={5}
                value={options}
                onChange={(event) => setOptions(event.target.value)}
              />
            )}
          </Field>
        ) : null}
      </form>
    </Dialog>
  );
}
