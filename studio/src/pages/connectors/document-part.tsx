import { useMutation } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type FormEvent, useId, useRef, useState } from "react";
import { type ConnectorImport, connectorsApi, useConnector } from "@/api";
import { Button, Card, Field, Icon, Input, Progress } from "@/ui";
import { Refusal } from "./refusal";

/** Largest document the server reads, in bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

interface DocumentPartProps {
  /** The installed connector that a newer document is taken for; empty for a new one. */
  again: string;
  onRead: (made: ConnectorImport) => void;
}

/** Takes the document: a file, or the address of one. */
export function DocumentPart({ again, onRead }: DocumentPartProps) {
  const id = useId();
  const installed = useConnector(again, again !== "").data?.connector;
  const from = installed?.origin.loaded ? (installed.origin.source ?? "") : "";
  const [over, setOver] = useState(false);
  const [typed, setUrl] = useState<string | null>(null);
  // Where it came from last time is likely where the new one is.
  const url = typed ?? from;
  const [what, setWhat] = useState("");
  const [refused, setRefused] = useState("");
  const under = useRef<AbortController | null>(null);
  const read = useMutation({
    mutationFn: async (from: File | string) => {
      under.current = new AbortController();
      const { signal } = under.current;
      if (typeof from === "string") return connectorsApi.begin({ url: from }, again, signal);
      return connectorsApi.begin({ text: await from.text(), name: from.name }, again, signal);
    },
    onSuccess: onRead,
  });
  const cancel = () => {
    under.current?.abort();
    // What comes of the call after this is nobody's business.
    read.reset();
  };
  const take = (file: File | undefined) => {
    if (!file) return;
    setWhat(file.name);
    setRefused(file.size > MOST_BYTES ? `“${file.name}” is larger than 16 MB, the most that is read.` : "");
    if (file.size <= MOST_BYTES) read.mutate(file);
  };
  const load = (event: FormEvent) => {
    event.preventDefault();
    if (!url.trim() || read.isPending) return;
    setWhat(url.trim());
    setRefused("");
    read.mutate(url.trim());
  };
  if (read.isPending) {
    return (
      <Card>
        <div className="flex flex-col gap-3 py-4">
          <p className="truncate font-medium" role="status">
            Reading {what}…
          </p>
          <Progress label={`Reading ${what}`} />
          <div className="flex items-center justify-between gap-3">
            <p className="text-sm text-muted">
              A large document takes some seconds. Nothing is installed by this.
            </p>
            <Button size="small" onClick={cancel}>
              Cancel
            </Button>
          </div>
        </div>
      </Card>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      {installed ? (
        <p>
          A newer document of <span className="font-semibold">{installed.title}</span>, which is installed as{" "}
          {installed.version}. What was chosen then is chosen again, and you see what changes.
        </p>
      ) : null}
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
          take(event.dataTransfer.files[0]);
        }}
        className={clsx(
          "flex cursor-pointer flex-col items-center gap-2 rounded-xl border border-dashed px-6 py-10 text-center focus-within:outline-2 focus-within:outline-accent",
          over ? "border-accent bg-accent-soft" : "border-border-strong bg-surface hover:bg-hover",
        )}
      >
        <Icon name="upload" size={24} className="text-muted" />
        <span className="text-base font-medium">Drop an OpenAPI document here, or choose a file</span>
        <span className="max-w-[58ch] text-sm text-muted">
          OpenAPI 3.0 or 3.1, or Swagger 2.0, as JSON or YAML. Most vendors publish one in their developer
          documentation. You choose what becomes a step, and see everything before it is installed.
        </span>
        <input
          id={id}
          type="file"
          accept=".json,.yaml,.yml,.txt"
          aria-label="Choose an OpenAPI document"
          className="visually-hidden"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </label>
      <Card title="Or load it from its address">
        <form onSubmit={load} className="flex items-end gap-2">
          <Field label="Address of the document" className="min-w-0 flex-1">
            {(control) => (
              <Input
                {...control}
                icon="link"
                placeholder="https://developers.example.com/openapi.json"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" disabled={!url.trim()}>
            Load
          </Button>
        </form>
      </Card>
      {refused ? (
        <p role="alert" className="text-sm text-bad">
          {refused}
        </p>
      ) : null}
      {read.isError && !refused ? <Refusal error={read.error} /> : null}
    </div>
  );
}
