/** A JSON value written by hand. Holes `{{ }}` inside strings are fine; the text is kept while it does not parse. */
import { lazy, Suspense, useState } from "react";
import { CONTROL } from "@/ui";
import { useFormScope } from "../scope";
import type { WidgetProps } from "./widget";

const JsonEditor = lazy(() => import("./json-editor"));

export function JsonCodeWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  // The schema says whether the document wants the text itself or the value it stands for.
  const keepsText = field.schema.type === "string";
  const outside = keepsText ? String(value ?? "") : value === undefined ? "" : JSON.stringify(value, null, 2);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? outside;
  return (
    <Suspense
      fallback={<pre className={`${CONTROL} min-h-24 overflow-auto p-2 font-mono text-xs`}>{text}</pre>}
    >
      <JsonEditor
        value={text}
        label={field.title}
        labelledBy={control.labelId}
        describedBy={control.describedBy}
        readOnly={readOnly}
        onBlur={() => setTyped((now) => (now === null || keepsText || isJson(now) ? null : now))}
        onChange={(next) => {
          setTyped(next);
          if (keepsText) onChange(next);
          else if (next.trim() === "") onChange(undefined);
          else if (isJson(next)) onChange(JSON.parse(next));
        }}
      />
    </Suspense>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
