import type { Json, LeadField } from "@/api";
import { Checkbox, Input, Select } from "@/ui";

/** What ties the control to its label. */
interface Control {
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
}

interface OwnValueInputProps {
  field: LeadField;
  /** What the lead holds now; nothing when it has none. */
  value: unknown;
  onChange: (value: Json) => void;
  control?: Control;
}

/** The control for a value of an own field, by the field's type. What does not fit, the server says. */
export function OwnValueInput({ field, value, onChange, control = {} }: OwnValueInputProps) {
  const text = value === null || value === undefined ? "" : String(value);
  switch (field.type) {
    case "yes_no":
      return (
        <Select
          {...control}
          value={value === true ? "yes" : value === false ? "no" : ""}
          options={[
            { value: "", label: "Not known" },
            { value: "yes", label: "Yes" },
            { value: "no", label: "No" },
          ]}
          onValueChange={(next) => onChange(next === "" ? null : next === "yes")}
        />
      );
    case "choice": {
      const options = field.options.includes(text) || text === "" ? field.options : [...field.options, text];
      return (
        <Select
          {...control}
          value={text}
          options={[
            { value: "", label: "Not known" },
            ...options.map((option) => ({ value: option, label: option })),
          ]}
          onValueChange={(next) => onChange(next || null)}
        />
      );
    }
    case "choices": {
      const chosen = Array.isArray(value) ? value.map(String) : [];
      return (
        <fieldset aria-label={field.label} className="flex flex-wrap gap-x-3 gap-y-1 pt-1" {...control}>
          {field.options.map((option) => (
            <Checkbox
              key={option}
              label={option}
              checked={chosen.includes(option)}
              onCheckedChange={(on) =>
                onChange(field.options.filter((one) => (one === option ? on : chosen.includes(one))))
              }
            />
          ))}
        </fieldset>
      );
    }
    default:
      return (
        <Input
          {...control}
          type={field.type === "date" && !text.includes("T") ? "date" : "text"}
          inputMode={field.type === "number" ? "decimal" : undefined}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}
