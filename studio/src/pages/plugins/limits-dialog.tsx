import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type InstalledPlugin, type PluginLimits, pluginKeys, pluginsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, toast } from "@/ui";

const FIELDS: { name: keyof PluginLimits; label: string; help: string; least: number; most: number }[] = [
  { name: "memory_mib", label: "Memory (MiB)", help: "Of one call.", least: 1, most: 512 },
  {
    name: "compute_ms",
    label: "Computing (ms)",
    help: "Of one call; waiting for other systems does not count.",
    least: 10,
    most: 60_000,
  },
  {
    name: "whole_ms",
    label: "Whole call (ms)",
    help: "Waiting included; a step's time-out holds as well.",
    least: 100,
    most: 300_000,
  },
  { name: "output_kib", label: "Output (KiB)", help: "What one call puts out.", least: 1, most: 16_384 },
  { name: "log_lines", label: "Lines in the log", help: "Of one call.", least: 0, most: 10_000 },
  { name: "at_once", label: "Calls at once", help: "Others wait for their turn.", least: 1, most: 32 },
];

/** How much a call of a plugin may take. */
export function LimitsDialog({ plugin, onClose }: { plugin: InstalledPlugin; onClose: () => void }) {
  const client = useQueryClient();
  const [texts, setTexts] = useState<Record<string, string>>(
    Object.fromEntries(FIELDS.map(({ name }) => [name, String(plugin.limits[name])])),
  );
  const wrong = FIELDS.filter(({ name, least, most }) => {
    const value = Number(texts[name]);
    return !(Number.isInteger(value) && texts[name]?.trim() !== "" && value >= least && value <= most);
  });
  const save = useMutation({
    mutationFn: () => {
      const limits = Object.fromEntries(FIELDS.map(({ name }) => [name, Number(texts[name])]));
      return pluginsApi.change(plugin.id, {
        revision: plugin.revision,
        limits: limits as unknown as PluginLimits,
      });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: pluginKeys.plugins });
      toast({ tone: "ok", title: "The limits hold from the next call" });
      onClose();
    },
    onError: sayError("The limits were not saved"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong.length === 0) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Limits of ${(plugin.live ?? plugin.pending)?.title}`}
      description="A call that goes beyond one is stopped, and its step fails."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form="limits"
            disabled={wrong.length > 0}
            busy={save.isPending}
          >
            Save
          </Button>
        </>
      }
    >
      <form id="limits" onSubmit={submit} className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((field) => (
          <Field
            key={field.name}
            label={field.label}
            help={field.help}
            error={
              wrong.includes(field)
                ? `A whole number from ${field.least.toLocaleString("en")} to ${field.most.toLocaleString("en")}.`
                : undefined
            }
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                value={texts[field.name] ?? ""}
                onChange={(event) => setTexts({ ...texts, [field.name]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </form>
    </Dialog>
  );
}
