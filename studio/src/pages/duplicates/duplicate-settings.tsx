import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  type DuplicateSettings,
  duplicateKeys,
  duplicatesApi,
  type Survivorship,
  useDuplicatePreview,
} from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, Select, Switch, toast } from "@/ui";

const WINS: { value: Survivorship; label: string }[] = [
  { value: "keep", label: "The lead that stays" },
  { value: "newest", label: "The lead that changed last" },
  { value: "complete", label: "The lead with more fields filled" },
  { value: "trusted", label: "The lead from the more trusted source" },
];

/** From which probability pairs are shown or merged, and what wins; with what that would do to the queue. */
export function DuplicateSettingsDialog({
  settings,
  onClose,
}: {
  settings: DuplicateSettings;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(settings);
  const [sources, setSources] = useState(settings.trusted_sources.join(", "));
  const preview = useDuplicatePreview(draft.review_above, draft.merge_above);
  const save = useMutation({
    mutationFn: () =>
      duplicatesApi.setSettings({
        ...draft,
        trusted_sources: sources
          .split(",")
          .map((source) => source.trim())
          .filter(Boolean),
      }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: duplicateKeys.all });
      toast({ tone: "ok", title: "Saved", description: "The next search goes by these settings." });
    },
    onError: sayError("The settings were not saved"),
  });
  const change = (part: Partial<DuplicateSettings>) => setDraft((before) => ({ ...before, ...part }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="How duplicates are found"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="Show pairs from" help="How likely two leads are one person, in percent (5 to 99).">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={5}
              max={99}
              value={String(Math.round(draft.review_above * 1000) / 10)}
              onChange={(event) => change({ review_above: Number(event.target.value) / 100 })}
            />
          )}
        </Field>
        <Switch
          label="Merge by itself what is all but certain"
          checked={draft.merge_above !== null}
          onCheckedChange={(on) => change({ merge_above: on ? 0.99 : null })}
        />
        {draft.merge_above === null ? null : (
          <Field
            label="Merge from"
            help="In percent. Every such merge is in the history and can be taken back."
          >
            {(control) => (
              <Input
                {...control}
                type="number"
                min={5}
                max={99.9}
                step={0.1}
                value={String(Math.round((draft.merge_above ?? 0) * 1000) / 10)}
                onChange={(event) => change({ merge_above: Number(event.target.value) / 100 })}
              />
            )}
          </Field>
        )}
        <Field label="Whose value stays where both have one">
          {(control) => (
            <Select
              {...control}
              value={draft.wins}
              onValueChange={(wins) => change({ wins: wins as Survivorship })}
              options={WINS}
            />
          )}
        </Field>
        {draft.wins === "trusted" ? (
          <Field label="Trusted sources" help="From the most trusted down, with commas between them.">
            {(control) => (
              <Input {...control} value={sources} onChange={(event) => setSources(event.target.value)} />
            )}
          </Field>
        ) : null}
        {preview.data ? (
          <p className="rounded-md bg-sunken px-3 py-2 text-sm" aria-live="polite">
            Of the pairs that wait now, {preview.data.shown.toLocaleString("en")} would be shown
            {draft.merge_above === null
              ? "."
              : `, of which ${preview.data.merged.toLocaleString("en")} would be merged without asking.`}
          </p>
        ) : null}
      </div>
    </Dialog>
  );
}
