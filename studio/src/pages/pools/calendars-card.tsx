import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type Calendar, type Rulebook, rulebooks, type TeamOwner, useRulebooks } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, ConfirmDialog, Dialog, Field, IconButton, Input, toast } from "@/ui";
import { DaysOffRows } from "./days-off-rows";
import { daysInWords, daysToCome } from "./hours-words";

/** Public holidays that many owners share. */
export function CalendarsCard({ owners }: { owners: TeamOwner[] }) {
  const calendars = useRulebooks<Calendar>("calendar");
  const [editing, setEditing] = useState<Rulebook<Calendar> | "new" | null>(null);
  const [removing, setRemoving] = useState<Rulebook<Calendar> | null>(null);
  const client = useQueryClient();
  const items = calendars.data?.items ?? [];
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Card
      title="Holidays"
      subtitle="calendars that owners keep"
      flush
      aside={
        <Button size="small" icon="plus" onClick={() => setEditing("new")}>
          New calendar
        </Button>
      }
    >
      {items.length === 0 ? (
        <p className="px-4 pb-3 text-muted">
          No calendars yet. A calendar holds the public holidays of a country or a region; owners who keep it
          are not at work on its days.
        </p>
      ) : (
        <ul>
          {items.map((calendar) => {
            const [next] = daysToCome(calendar.draft.days ?? [], today);
            const keep = owners.filter((owner) => owner.work?.calendar === calendar.name).length;
            return (
              <li key={calendar.id} className="flex items-center gap-3 border-t border-border px-4 py-2">
                <span className="min-w-0 flex-1">
                  <span className="font-medium">{calendar.name}</span>
                  <span className="block text-muted">
                    {calendar.draft.days?.length ?? 0} entries, kept by {keep}{" "}
                    {keep === 1 ? "owner" : "owners"}
                    {next
                      ? `; next: ${daysInWords(next)}${next.why ? `, ${next.why}` : ""}`
                      : "; none to come"}
                  </span>
                </span>
                <IconButton
                  icon="pencil"
                  label={`Change ${calendar.name}`}
                  onClick={() => setEditing(calendar)}
                />
                <IconButton
                  icon="trash"
                  label={`Delete ${calendar.name}`}
                  onClick={() => setRemoving(calendar)}
                />
              </li>
            );
          })}
        </ul>
      )}
      {editing ? (
        <CalendarDialog calendar={editing === "new" ? null : editing} onClose={() => setEditing(null)} />
      ) : null}
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={`Delete “${removing?.name}”?`}
        description="Owners who keep it are at work on its days from now on."
        confirmLabel="Delete calendar"
        danger
        onConfirm={async () => {
          if (!removing) return;
          try {
            await rulebooks.remove("calendar", removing.id);
          } catch (error) {
            sayError("The calendar was not deleted")(error);
            throw error;
          }
          await client.invalidateQueries({ queryKey: rulebooks.listKey("calendar") });
        }}
      />
    </Card>
  );
}

interface CalendarDialogProps {
  /** Which; none for a new one. */
  calendar: Rulebook<Calendar> | null;
  onClose: () => void;
}

/** The days of a calendar. What is saved is in force at once: nobody tries holidays out first. */
function CalendarDialog({ calendar, onClose }: CalendarDialogProps) {
  const client = useQueryClient();
  const form = useId();
  const [name, setName] = useState(calendar?.name ?? "");
  const [days, setDays] = useState(calendar?.draft.days ?? []);
  const save = useMutation({
    mutationFn: async () => {
      const sorted = [...days].sort((a, b) => a.from.localeCompare(b.from));
      const draft: Calendar = { description: calendar?.draft.description ?? "", days: sorted };
      const saved = calendar
        ? await rulebooks.save("calendar", calendar.id, calendar.revision, draft)
        : await rulebooks.create("calendar", name.trim(), draft);
      return rulebooks.publish("calendar", saved.id, saved.revision, "");
    },
    onSuccess: async (saved) => {
      toast({ tone: "ok", title: `${saved.name} is in force` });
      onClose();
      await client.invalidateQueries({ queryKey: rulebooks.listKey("calendar") });
    },
    onError: sayError("The calendar was not saved"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title={calendar ? calendar.name : "New calendar"}
      description="Days on which owners who keep it are not at work."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={save.isPending} disabled={!name.trim()}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-4">
        {calendar ? null : (
          <Field label="Name" help="Such as “Germany” or “Bavaria”." required>
            {(control) => (
              <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
        )}
        <DaysOffRows days={days} onChange={setDays} label="Holiday" example="Christmas" />
      </form>
    </Dialog>
  );
}
