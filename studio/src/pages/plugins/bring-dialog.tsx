import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type InstalledPlugin, pluginKeys, pluginsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Checkbox, Dialog, Field, Input, Segmented, toast } from "@/ui";

interface BringDialogProps {
  /** The plugin it is a release of; without it, a new one. */
  of?: InstalledPlugin | undefined;
  signaturesNeeded: boolean;
  onBrought: (plugin: InstalledPlugin) => void;
  onClose: () => void;
}

type From = "file" | "address";
const PLACES: { value: From; label: string }[] = [
  { value: "file", label: "A file" },
  { value: "address", label: "An address" },
];

/** Brings a file. Nothing of it runs in a workflow before it was looked at and approved. */
export function BringDialog({ of, signaturesNeeded, onBrought, onClose }: BringDialogProps) {
  const client = useQueryClient();
  const [from, setFrom] = useState<From>("file");
  const [file, setFile] = useState<File | null>(null);
  const [url, setUrl] = useState("");
  const [sha256, setSha256] = useState("");
  const [signature, setSignature] = useState<File | null>(null);
  const [older, setOlder] = useState(false);
  const bring = useMutation({
    mutationFn: async () => {
      const bringing = {
        plugin: of?.id,
        sha256: sha256.trim() || undefined,
        ...(await read(signature)),
        allow_older: older,
      };
      if (from === "address") return pluginsApi.fetch(url.trim(), bringing);
      if (!file) throw new Error("no file is chosen");
      return pluginsApi.bring(file, bringing);
    },
    onSuccess: async (plugin) => {
      await client.invalidateQueries({ queryKey: pluginKeys.plugins });
      if (!plugin.pending) {
        toast({ tone: "ok", title: `Version ${plugin.live?.version} runs; it wants nothing new` });
        void client.invalidateQueries();
      }
      onBrought(plugin);
    },
    onError: sayError("The plugin was not taken"),
  });
  const isReady =
    (from === "file" ? file !== null : url.trim() !== "") && (!signaturesNeeded || signature !== null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) bring.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={of ? `Another release of ${(of.live ?? of.pending)?.title}` : "Install a plugin"}
      description="You see what it wants before anything of it runs."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="bring" disabled={!isReady} busy={bring.isPending}>
            Take a look
          </Button>
        </>
      }
    >
      <form id="bring" onSubmit={submit} className="flex flex-col gap-4">
        <Segmented label="Where it is" options={PLACES} value={from} onValueChange={setFrom} />
        {from === "file" ? (
          <Field label="Component" help="A WebAssembly component, at most 32 MiB." required>
            {(control) => (
              <input
                {...control}
                type="file"
                accept=".wasm,application/wasm"
                className="text-sm"
                onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              />
            )}
          </Field>
        ) : (
          <Field
            label="Address"
            help="The server fetches it, and follows the same rules as every call."
            required
          >
            {(control) => (
              <Input
                {...control}
                type="url"
                placeholder="https://"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label="SHA-256" help="If you were told it: another file is not taken.">
          {(control) => (
            <Input {...control} mono value={sha256} onChange={(event) => setSha256(event.target.value)} />
          )}
        </Field>
        <Field
          label="Signature"
          help={
            signaturesNeeded
              ? "This server takes only what a trusted key signed: the file that ends with .sig."
              : "The file that ends with .sig, if there is one."
          }
          required={signaturesNeeded}
        >
          {(control) => (
            <input
              {...control}
              type="file"
              accept=".sig,application/json"
              className="text-sm"
              onChange={(event) => setSignature(event.target.files?.[0] ?? null)}
            />
          )}
        </Field>
        <Checkbox
          checked={older}
          onCheckedChange={setOlder}
          label="Take an older version"
          help="An old release may have holes that are known."
        />
      </form>
    </Dialog>
  );
}

/** Key and signature, as `trunkline plugin sign` writes them. */
async function read(signature: File | null): Promise<{ key?: string; signature?: string }> {
  if (!signature) return {};
  const { key, signature: text } = JSON.parse(await signature.text()) as { key: string; signature: string };
  return { key, signature: text };
}
