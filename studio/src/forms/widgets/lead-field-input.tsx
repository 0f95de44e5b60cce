import { useEffect, useMemo, useRef, useState } from "react";
import { Combobox } from "@/ui";
import { keyInWords } from "../data/available";
import { becomeInsertTarget, type InsertTarget, leaveInsertTarget, PILL_MIME } from "../data/insert-target";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { isLeadField, type LeadField } from "./lead-fields";

interface LeadFieldInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fields: readonly LeadField[];
  readonly label: string;
}

/** Leads the list's last entry, which is no field: it opens the box for any data of an earlier step. */
const ANY_DATA = "{{";

/** A field of the lead by name, or any data as a pill. */
export function LeadFieldInput({ value, onChange, fields, label }: LeadFieldInputProps) {
  const { readOnly } = useFormScope();
  const [asTemplate, setAsTemplate] = useState(false);
  const change = useRef(onChange);
  change.current = onChange;
  const target = useMemo<InsertTarget>(
    () => ({ label, insert: (template) => change.current(template) }),
    [label],
  );
  useEffect(() => () => leaveInsertTarget(target), [target]);
  if (asTemplate || value.includes("{{")) {
    return (
      <TemplateField
        compact
        noPreview
        autoFocus={asTemplate}
        value={value}
        label={label}
        placeholder="Pick a field"
        onChange={(next) => {
          // Emptied, it goes back to being a choice of the lead's fields.
          if (next === "") setAsTemplate(false);
          onChange(next);
        }}
      />
    );
  }
  const listed = fields.some((field) => field.name === value) || value === "";
  const all = listed ? fields : [{ name: value, title: keyInWords(value) }, ...fields];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop place; what is dropped can be picked from the list as well
    <div
      title={keyInWords(value)}
      className="flex h-7 min-w-0 items-center pl-1.5"
      onFocus={() => becomeInsertTarget(target)}
      onDragOver={(event) => event.dataTransfer.types.includes(PILL_MIME) && event.preventDefault()}
      onDrop={(event) => {
        const pill = event.dataTransfer.getData(PILL_MIME);
        if (!pill || readOnly) return;
        event.preventDefault();
        onChange(pill);
      }}
    >
      <Combobox
        aria-label={isLeadField(value) ? `${label}: ${keyInWords(value)}` : label}
        disabled={readOnly}
        className="!h-5 !w-auto max-w-full !gap-1 !rounded-[5px] !border-0 !bg-lead-soft !px-1.5 !text-xs font-medium !text-lead-text [&>svg]:hidden"
        value={value === "" ? undefined : value}
        placeholder="Pick a field"
        searchPlaceholder="Search the lead’s fields"
        options={[
          ...all.map(({ name, title }) => ({ value: name, label: title })),
          { value: ANY_DATA, label: "Data of an earlier step…", icon: "braces" as const },
        ]}
        onCreate={onChange}
        createLabel={(name) => `Use the lead’s own field “${name}”`}
        onValueChange={(next) => {
          if (next !== ANY_DATA) return onChange(next);
          setAsTemplate(true);
          onChange("");
        }}
      />
    </div>
  );
}
