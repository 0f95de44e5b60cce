import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { connectorsApi, type InstalledPlugin, type ManifestFile, pluginKeys, pluginsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Checkbox, Dialog, Field, Input, Segmented, toast } from "@/ui";

interface BringDialogProps {
  /** The plugin it is a release of; without it, a new one. */
  of?: InstalledPlugin | undefined;
  signaturesNeeded: boolean;
  onBrought: (plugin: InstalledPlugin) => void;
  /** The file is no plugin but the manifest of a connector. */
  onManifest: (file: ManifestFile) => void;
  onClose: () => void;
}

type From = "file" | "address";
const PLACES: { value: From; label: string }[] = [
  { value: "file", label: "A file" },
  { value: "address", label: "An address" },
];

/** Brings a file. Nothing of it runs in a workflow before it was looked at and approved. */
export function BringDialog({ of, signaturesNeeded, onBrought, onManifest, onClose }: BringDialogProps) {
  const client = useQueryClient();
  const [from, setFrom] = useState<From>("file");
  const [file, setFile] = useState<File | null>(null);
  const [url, setUrl] = useState("");
  const [sha256, setSha256] = useState("");
  const [signature, setSignature] = useState<File | null>(null);
  const [older, setOlder] = useState(false);
  const bring = useMutation({
    mutationFn: async () => {
      const vouched = {
        sha256: sha256.trim() || undefined,
        ...(await read(signature)),
        allow_older: older,
      };
      const bringing = { plugin: of?.id, ...vouched };
      if (from === "address") {
        const address = url.trim();
        if (of || !isManifest(pathOf(address))) return pluginsApi.fetch(address, bringing);
        const { manifest, source } = await connectorsApi.fetch(address);
        onManifest({ name: source, text: manifest, vouched });
        return null;
      }
      if (!file) throw new Error("no file is chosen");
      if (of || !isManifest(file.name)) return pluginsApi.bring(file, bringing);
      onManifest({ name: file.name, text: await file.text(), vouched });
      return null;
    },
    onSuccess: async (plugin) => {
      if (!plugin) return;
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
          <Field
            label={of ? "Component" : "File"}
            help={
              of
                ? "A WebAssembly component, at most 32 MiB."
                : "A WebAssembly component (.wasm, at most 32 MiB), or the manifest of a connector (.yaml)."
            }
            required
          >
            {(control) => (
              <input
                {...control}
                type="file"
                accept={of ? ".wasm,application/wasm" : ".wasm,application/wasm,.yaml,.yml"}
                className="text-sm"
                onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              />
            )}
          </Field>
        ) : (
          <Field
            label="Address"
            help={`${of ? "A component" : "A component, or the manifest of a connector (.yaml)"}; the server fetches it and follows the same rules as every call.`}
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

function isManifest(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** An address without what stands behind a question mark. */
function pathOf(address: string): string {
  return URL.parse(address)?.pathname ?? address;
}

/** Key and signature, as `trunkline plugin sign` writes them. */
async function read(signature: File | null): Promise<{ key?: string; signature?: string }> {
  if (!signature) return {};
  const { key, signature: text } = JSON.parse(await signature.text()) as { key: string; signature: string };
  return { key, signature: text };
}
