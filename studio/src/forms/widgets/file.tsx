/** An uploaded file: one that is there already, or a new one. The document keeps its id. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { storageApi, storageKeys, useFiles } from "@/api";
import { Moment } from "@/app/moment";
import { sayError } from "@/app/say-error";
import { bytesInWords } from "@/storage/bytes";
import { Button, Icon, Progress } from "@/ui";
import { useFormScope } from "../scope";
import { Picker } from "./pickers";
import { textOf, type WidgetProps } from "./widget";

/** What a loop can read row by row. */
const READABLE = ".csv,.tsv,.txt,.jsonl,.ndjson,text/csv,application/x-ndjson";

export function FileWidget(props: WidgetProps) {
  const { value, onChange } = props;
  const { readOnly } = useFormScope();
  const files = useFiles();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<{ name: string; stop: AbortController } | null>(null);
  const chosen = files.data?.items.find(({ id }) => id === textOf(value));

  const send = async (file: File) => {
    const stop = new AbortController();
    setSending({ name: file.name, stop });
    try {
      const stored = await storageApi.upload(file, stop.signal);
      await client.invalidateQueries({ queryKey: storageKeys.files });
      onChange(stored.id);
    } catch (error) {
      if (!stop.signal.aborted) sayError(`“${file.name}” was not uploaded`)(error);
    } finally {
      setSending(null);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a shortcut of the button inside
    <div
      className="flex flex-col gap-1.5"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes("Files")) event.preventDefault();
      }}
      onDrop={(event) => {
        const [file] = event.dataTransfer.files;
        if (!file || readOnly) return;
        event.preventDefault();
        void send(file);
      }}
    >
      <Picker
        {...props}
        options={files.data?.items.map(({ id, name, bytes }) => ({
          value: id,
          label: name,
          hint: bytesInWords(bytes),
        }))}
        failed={files.isError}
        placeholder="Choose a file"
        emptyText="No file yet. Upload one."
      />
      {sending ? (
        <div className="flex items-center gap-2 text-sm">
          <span className="min-w-0 flex-1">
            <span className="block truncate text-muted">Uploading {sending.name}…</span>
            <Progress label={`Uploading ${sending.name}`} className="mt-1" />
          </span>
          <Button size="small" onClick={() => sending.stop.abort()}>
            Stop
          </Button>
        </div>
      ) : readOnly ? null : (
        <div className="flex items-center gap-2">
          <Button size="small" icon="upload" onClick={() => input.current?.click()}>
            Upload a file…
          </Button>
          <span className="text-xs text-muted">
            {chosen ? (
              <>
                {bytesInWords(chosen.bytes)}, uploaded <Moment at={chosen.created_at} />
              </>
            ) : (
              "or drop it here"
            )}
          </span>
        </div>
      )}
      <input
        ref={input}
        type="file"
        hidden
        accept={READABLE}
        aria-label="File to upload"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void send(file);
        }}
      />
      {textOf(value) !== "" && !textOf(value).includes("{{") && files.data && !chosen ? (
        <p className="flex items-start gap-1 text-xs text-warn">
          <Icon name="warning" size={14} className="mt-px" />
          This file is not there any more. Choose or upload another.
        </p>
      ) : null}
    </div>
  );
}
