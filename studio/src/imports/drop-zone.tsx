import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useId, useRef, useState } from "react";
import { importKeys, importsApi, uploadInPieces } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Icon, Progress } from "@/ui";

const ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xlsm,text/csv,text/plain";

/** Takes a list: dropped here or chosen. It goes up in pieces with progress, then its import opens. */
export function DropZone() {
  const id = useId();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; at: number; of: number } | null>(null);
  const stop = useRef<AbortController | null>(null);

  const take = async (file: File | undefined) => {
    if (!file) return;
    const controller = new AbortController();
    stop.current = controller;
    setSending({ name: file.name, at: 0, of: file.size });
    try {
      const told = (at: number) => setSending({ name: file.name, at, of: file.size });
      const stored = await uploadInPieces(file, told, controller.signal);
      const made = await importsApi.create(stored.id);
      await client.invalidateQueries({ queryKey: importKeys.list });
      await navigate({ to: "/imports/$id", params: { id: made.id } });
    } catch (error) {
      if (!controller.signal.aborted) sayError(`“${file.name}” was not uploaded`)(error);
      setSending(null);
    }
  };

  if (sending) {
    return (
      <div className="flex flex-col gap-3 rounded-xl border border-border bg-surface px-6 py-8">
        <div className="flex items-center gap-3">
          <Icon name="upload" size={20} className="text-accent-text" />
          <span className="min-w-0 flex-1 truncate font-medium">Uploading {sending.name}</span>
          <Button size="small" onClick={() => stop.current?.abort()}>
            Cancel
          </Button>
        </div>
        <Progress label={`Uploading ${sending.name}`} value={sending.at} max={Math.max(sending.of, 1)} />
        <p className="text-sm text-muted tabular" role="status">
          {megabytes(sending.at)} of {megabytes(sending.of)}. If the connection breaks, it goes on where it
          was.
        </p>
      </div>
    );
  }
  return (
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
        void take(event.dataTransfer.files[0]);
      }}
      className={clsx(
        "flex cursor-pointer flex-col items-center gap-2 rounded-xl border border-dashed px-6 py-10 text-center focus-within:outline-2 focus-within:outline-accent",
        over ? "border-accent bg-accent-soft" : "border-border-strong bg-surface hover:bg-hover",
      )}
    >
      <Icon name="upload" size={24} className="text-muted" />
      <span className="text-base font-medium">Drop a list here, or choose a file</span>
      <span className="max-w-[56ch] text-sm text-muted">
        CSV, TSV or Excel. Delimiter and encoding are found out, columns are guessed, and you see what would
        happen before anything is written.
      </span>
      <input
        id={id}
        type="file"
        accept={ACCEPTED}
        aria-label="Choose a list to import"
        className="visually-hidden"
        onChange={(event) => void take(event.target.files?.[0])}
      />
    </label>
  );
}

function megabytes(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
