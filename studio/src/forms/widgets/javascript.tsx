/** A function in JavaScript, written by hand. What it may use is offered while it is typed. */
import { lazy, Suspense, useMemo } from "react";
import { whenServed } from "@/api";
import { CONTROL } from "@/ui";
import { useFormScope } from "../scope";
import { textOf, type WidgetProps } from "./widget";

const JavascriptEditor = lazy(() => whenServed(() => import("./javascript-editor")));

export function JavascriptWidget({ field, value, onChange, siblings, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const text = textOf(value);
  const rows = Array.isArray(siblings.input) ? siblings.input : [];
  const given = rows.map((row: { name?: unknown }) => String(row?.name ?? "").trim()).filter(Boolean);
  const key = given.join("\n");
  const names = useMemo(() => (key === "" ? [] : key.split("\n")), [key]);
  return (
    <Suspense
      fallback={<pre className={`${CONTROL} min-h-40 overflow-auto p-2 font-mono text-xs`}>{text}</pre>}
    >
      <JavascriptEditor
        value={text}
        label={field.title}
        labelledBy={control.labelId}
        describedBy={control.describedBy}
        readOnly={readOnly}
        inputs={names}
        onChange={onChange}
      />
    </Suspense>
  );
}
