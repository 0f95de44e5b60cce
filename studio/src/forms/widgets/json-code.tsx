/** A JSON value written by hand. Holes `{{ }}` inside strings are fine; the text is kept while it does not parse. */
import { lazy, Suspense, useState } from "react";
import { whenServed } from "@/api";
import { CONTROL } from "@/ui";
import { useFormScope } from "../scope";
import { parseTemplate } from "../template/parse";
import type { WidgetProps } from "./widget";

const JsonEditor = lazy(() => whenServed(() => import("./json-editor")));

export function JsonCodeWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly, available } = useFormScope();
  // The schema says whether the document wants the text itself or the value it stands for.
  const keepsText = field.schema.type === "string";
  const outside = keepsText || isSoleHole(value) ? String(value ?? "") : jsonText(value);
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
        available={available}
        onBlur={() =>
          setTyped((now) => (now === null || keepsText || isSoleHole(now) || isJson(now) ? null : now))
        }
        onChange={(next) => {
          setTyped(next);
          // One hole and nothing else stands for the whole value, so it needs no quotes.
          if (keepsText) onChange(next);
          else if (isSoleHole(next)) onChange(next.trim());
          else if (next.trim() === "") onChange(undefined);
          else if (isJson(next)) onChange(JSON.parse(next));
        }}
      />
    </Suspense>
  );
}

function jsonText(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}

function isSoleHole(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const segments = parseTemplate(value.trim());
  return segments.length === 1 && segments[0]?.type === "hole";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
