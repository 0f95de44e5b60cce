import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { type ConnectorPreview, connectorsApi, type ManifestFile } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Chip, Dialog, Icon, toast } from "@/ui";
import { Difference } from "./difference";
import { Refusal } from "./refusal";
import { count } from "./words";

interface ManifestDialogProps {
  /** The connector that is to be upgraded. */
  expected?: string;
  /** A manifest that was brought already. */
  given?: ManifestFile;
  onClose: () => void;
}

/** Takes the manifest of a connector as a file, says what it would change, and installs it. */
export function ManifestDialog({ expected, given, onClose }: ManifestDialogProps) {
  const id = useId();
  const client = useQueryClient();
  const [file, setFile] = useState<ManifestFile | null>(null);
  const [confirmed, setConfirmed] = useState<string[]>([]);
  const check = useMutation({
    mutationFn: (brought: ManifestFile) => {
      setFile(brought);
      setConfirmed([]);
      return connectorsApi.check(brought.text);
    },
  });
  const look = check.mutate;
  useEffect(() => {
    if (given) look(given);
  }, [given, look]);
  const choose = async (chosen: File) => look({ name: chosen.name, text: await chosen.text() });
  const install = useMutation({
    mutationFn: (preview: ConnectorPreview) =>
      connectorsApi.install({
        manifest: file?.text ?? "",
        base_edition: preview.base_edition,
        confirm_hosts: confirmed,
        origin: { kind: "manifest", source: file?.name ?? "" },
        ...file?.vouched,
      }),
    onSuccess: async ({ title, version }) => {
      await client.invalidateQueries();
      toast({
        tone: "ok",
        title: `${title} ${version} is installed`,
        description: "Its steps are in the palette.",
      });
      onClose();
    },
    onError: sayError("The connector was not installed"),
  });
  const preview = check.data;
  const other = expected !== undefined && preview !== undefined && preview.app.id !== expected;
  const open = preview?.difference?.new_hosts.some((host) => !confirmed.includes(host)) ?? false;
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && onClose()}
      width="large"
      title={expected ? "Upload a new manifest" : "Add a connector from a manifest"}
      description="One YAML file says everything Trunkline knows of an app."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!preview || other || open}
            busy={install.isPending}
            onClick={() => preview && install.mutate(preview)}
          >
            {preview?.base_edition ? "Upgrade" : "Install"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <label
          htmlFor={id}
          className="flex cursor-pointer flex-col items-center gap-1 rounded-xl border border-dashed border-border-strong px-6 py-6 text-center hover:bg-hover focus-within:outline-2 focus-within:outline-accent"
        >
          <Icon name="upload" size={22} className="text-muted" />
          <span className="font-medium">{file ? file.name : "Choose a manifest"}</span>
          <input
            id={id}
            type="file"
            accept=".yaml,.yml,.json"
            aria-label="Choose a manifest"
            className="visually-hidden"
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              if (chosen) void choose(chosen);
              event.target.value = "";
            }}
          />
        </label>
        {check.isPending ? (
          <p role="status" className="text-muted">
            Checking it…
          </p>
        ) : check.isError ? (
          <Refusal error={check.error} />
        ) : preview ? (
          <div className="space-y-3">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-semibold">{preview.app.name}</span>
              <Chip>{preview.app.version}</Chip>
              <span className="text-muted">{count(preview.app.actions.length, "action")}</span>
            </p>
            {other ? (
              <p className="text-sm text-bad">
                This is the manifest of <code className="font-mono">{preview.app.id}</code>, and{" "}
                <code className="font-mono">{expected}</code> is to be upgraded. Add it as a connector of its
                own instead.
              </p>
            ) : preview.difference ? (
              <Difference difference={preview.difference} confirmed={confirmed} onConfirm={setConfirmed} />
            ) : (
              <p className="text-sm text-muted">{preview.app.summary}</p>
            )}
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
