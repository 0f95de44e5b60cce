import { clsx } from "clsx";
import { useId, useState } from "react";
import { Icon } from "@/ui";

const ACCEPTED = ".csv,.json,.jsonl,.ndjson,text/csv,application/json";

/** A file of events: chosen or dropped here. It is only read on the server once the dry run starts. */
export function FilePicker({ file, onFile }: { file: File | null; onFile: (file: File | null) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <div className="flex flex-col gap-1.5">
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          onFile(event.dataTransfer.files[0] ?? file);
        }}
        className={clsx(
          "flex cursor-pointer flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-9 text-center focus-within:outline-2 focus-within:outline-accent",
          over ? "border-accent bg-accent-soft" : "border-border-strong bg-sunken/40 hover:bg-hover",
        )}
      >
        <Icon name={file ? "done" : "upload"} size={22} className={file ? "text-ok" : "text-muted"} />
        <span className="font-medium">{file ? file.name : "Choose a file, or drop it here"}</span>
        <span className="text-sm text-muted">
          {file
            ? `${sizeInWords(file.size)} · press to choose another`
            : "CSV or JSON lines, one event per row"}
        </span>
        <input
          id={id}
          type="file"
          accept={ACCEPTED}
          className="visually-hidden"
          onChange={(event) => onFile(event.target.files?.[0] ?? null)}
        />
      </label>
      <p className="text-xs text-muted">
        A column becomes a field of the event, as in an import: the first row holds the names.
      </p>
    </div>
  );
}

function sizeInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${kilobytes.toFixed(0)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}
