/** Sets a two-way sync up: two sides, the fields that are kept in step, and what holds when both have changed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  type NewSync,
  type SyncCreate,
  type SyncField,
  type SyncFlow,
  type SyncRule,
  syncsApi,
  tell,
  useAppFields,
} from "@/api";
import { Button, Combobox, Dialog, Field, IconButton, Input, Select, toast } from "@/ui";
import { BEGINS, CREATES, FLOWS, lacks, type Party, RULES, wholeFields } from "./sync-words";

interface SyncDialogProps {
  parties: readonly Party[];
  onClose: () => void;
}

interface Row extends SyncField {
  key: number;
}

const emptyRow = (key: number): Row => ({ key, left: "", right: "", flow: "both", rule: "newest" });

export function SyncDialog({ parties, onClose }: SyncDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [leftValue, setLeft] = useState<string>();
  const [rightValue, setRight] = useState<string>();
  const [rows, setRows] = useState<Row[]>([emptyRow(0)]);
  const [create, setCreate] = useState<SyncCreate>("both");
  const [begin, setBegin] = useState<NewSync["begin"]>("all");
  const left = parties.find(({ value }) => value === leftValue);
  const right = parties.find(({ value }) => value === rightValue);
  const missing = lacks(name, left, right, rows);
  const save = useMutation({
    mutationFn: () => {
      if (!left || !right) throw new Error("both sides are chosen before the form can be sent");
      return syncsApi.create({
        name: name.trim(),
        left: { connection: left.connection, records: left.records },
        right: { connection: right.connection, records: right.records },
        fields: wholeFields(rows).map(({ left: one, right: other, flow, rule }) => ({
          left: one,
          right: other,
          flow,
          rule,
        })),
        create,
        begin,
      });
    },
    onSuccess: async (sync) => {
      toast({
        tone: "ok",
        title: `“${sync.name}” keeps both in step`,
        description: "The first looks begin now.",
      });
      await client.invalidateQueries();
      onClose();
    },
  });
  const told = save.error ? tell(save.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!missing) save.mutate();
  };
  const change = (key: number, part: Partial<SyncField>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const options = parties.map(({ value, label, hint }) => ({ value, label, hint }));
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="New two-way sync"
      description="Records that both apps know are found by one field, such as the e-mail address, and kept in step from then on."
      width="large"
      footer={
        <>
          <span className="mr-auto self-center text-sm text-muted">{missing}</span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="two-way-sync"
            variant="primary"
            busy={save.isPending}
            disabled={missing !== null}
          >
            Start the sync
          </Button>
        </>
      }
    >
      <form id="two-way-sync" onSubmit={submit} className="flex flex-col gap-4">
        {told ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              value={name}
              placeholder="Contacts of CRM and marketing"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Left" help={left ? `Known by ${left.knownBy}` : "Usually the CRM"}>
            {(control) => (
              <Combobox {...control} value={leftValue} onValueChange={setLeft} options={options} />
            )}
          </Field>
          <Field label="Right" help={right ? `Known by ${right.knownBy}` : "Usually marketing"}>
            {(control) => (
              <Combobox {...control} value={rightValue} onValueChange={setRight} options={options} />
            )}
          </Field>
        </div>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-xs font-semibold text-muted">Fields that are kept in step</legend>
          {rows.map((row, at) => (
            <div key={row.key} className="grid grid-cols-[1fr_1fr_150px_160px_auto] items-center gap-2">
              <FieldName
                label={`Left field ${at + 1}`}
                party={left}
                value={row.left}
                onChange={(value) => change(row.key, { left: value, right: row.right || value })}
              />
              <FieldName
                label={`Right field ${at + 1}`}
                party={right}
                value={row.right}
                onChange={(value) => change(row.key, { right: value })}
              />
              <Select
                aria-label={`Whose changes flow, field ${at + 1}`}
                value={row.flow}
                onValueChange={(value) => change(row.key, { flow: value as SyncFlow })}
                options={FLOWS}
              />
              <Select
                aria-label={`When both have changed, field ${at + 1}`}
                value={row.rule}
                onValueChange={(value) => change(row.key, { rule: value as SyncRule })}
                options={RULES}
              />
              <IconButton
                icon="trash"
                label={`Remove field ${at + 1}`}
                disabled={rows.length === 1}
                onClick={() => setRows(rows.filter(({ key }) => key !== row.key))}
              />
            </div>
          ))}
          <Button
            icon="plus"
            className="self-start"
            onClick={() => setRows([...rows, emptyRow(Math.max(...rows.map(({ key }) => key)) + 1)])}
          >
            Add a field
          </Button>
        </fieldset>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Add missing records">
            {(control) => (
              <Select
                {...control}
                value={create}
                onValueChange={(value) => setCreate(value as SyncCreate)}
                options={CREATES}
              />
            )}
          </Field>
          <Field label="Begin with" help="Everything: each record of both sides is looked at once.">
            {(control) => (
              <Select
                {...control}
                value={begin}
                onValueChange={(value) => setBegin(value as NewSync["begin"])}
                options={BEGINS}
              />
            )}
          </Field>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldNameProps {
  label: string;
  party: Party | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** A field of an app: chosen from those it has, or typed where it cannot tell. */
function FieldName({ label, party, value, onChange }: FieldNameProps) {
  const [connection, source] = [party?.connection ?? "", party?.fields ?? ""];
  const fields = useAppFields(connection, source, {}, connection !== "" && source !== "");
  if (!party?.fields || fields.error) {
    return (
      <Input
        aria-label={label}
        value={value}
        placeholder="Technical name"
        className="font-mono"
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  const options = (fields.data?.items ?? []).map((field) => ({
    value: field.name,
    label: field.label,
    hint: field.writable ? field.name : `${field.name}, cannot be written`,
  }));
  return (
    <Combobox
      aria-label={label}
      value={value || undefined}
      onValueChange={onChange}
      options={options}
      onCreate={onChange}
      createLabel={(text) => `Use “${text}”`}
    />
  );
}
