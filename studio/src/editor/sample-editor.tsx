/** Writing a sample by hand, for steps whose output is not at hand yet. */
import { useState } from "react";
import { setSample } from "@/document/commands";
import type { Json, StepId } from "@/document/types";
import { Button, Field, Textarea } from "@/ui";
import { useEditor } from "./editor-context";

export function SampleEditor({ id, value, trigger }: { id: StepId; value: Json; trigger: boolean }) {
  const { documents } = useEditor();
  const [text, setText] = useState<string | null>(null);
  const parsed = text === null ? null : parseJson(text);
  if (text === null) {
    return (
      <Button
        icon="pencil"
        variant="ghost"
        className="self-start"
        onClick={() => setText(JSON.stringify(value ?? {}, null, 2))}
      >
        {trigger ? "Edit the sample event" : "Edit as pinned sample"}
      </Button>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={trigger ? "Sample event" : "Sample output"}
        error={parsed?.ok === false ? parsed.message : undefined}
        help="JSON. It is pinned to the step and used by previews, tests and “Run draft”."
      >
        {(control) => (
          <Textarea
            {...control}
            mono
            rows={12}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="flex gap-2">
        <Button
          variant="primary"
          disabled={!parsed?.ok}
          onClick={() => {
            if (!parsed?.ok) return;
            documents.getState().edit(setSample, { id, sample: parsed.value });
            setText(null);
          }}
        >
          Pin sample
        </Button>
        <Button onClick={() => setText(null)}>Cancel</Button>
      </div>
    </div>
  );
}

type ParsedJson = { ok: true; value: Json } | { ok: false; message: string };

export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `This is not JSON yet: ${reason}` };
  }
}
