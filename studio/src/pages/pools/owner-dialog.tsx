import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { DAYS, keys, type TeamOwner, team, useRulebooks, type Work } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Combobox, Dialog, Field, Input, Segmented, Select, toast } from "@/ui";
import { DaysOffRows } from "./days-off-rows";
import { ALWAYS, isAlways, OFFICE, spanProblem } from "./hours-words";
import { WeekRows } from "./week-rows";

interface OwnerDialogProps {
  /** Whom; nobody for a new one. */
  owner: TeamOwner | null;
  /** Teams there are, to choose from. */
  teams: string[];
  onClose: () => void;
}

/** Who somebody is, when they are at work, and how many leads they can take care of. */
export function OwnerDialog({ owner, teams, onClose }: OwnerDialogProps) {
  const client = useQueryClient();
  const form = useId();
  const calendars = useRulebooks("calendar");
  const [name, setName] = useState(owner?.name ?? "");
  const [email, setEmail] = useState(owner?.email ?? "");
  const [always, setAlways] = useState(isAlways(owner?.work));
  const [work, setWork] = useState<Work>(() => owner?.work ?? { zone: here(), week: OFFICE, days_off: [] });
  const week = always ? ALWAYS : isAlways(work) ? OFFICE : work.week;
  const wrong = always ? false : DAYS.some((day) => week[day].some((span) => spanProblem(span)));
  const save = useMutation({
    mutationFn: () => {
      const said = { name: name.trim(), email: email.trim(), ...withWork({ ...work, week }, always) };
      return owner ? team.changeOwner({ id: owner.id, ...said }) : team.addOwner(said);
    },
    onSuccess: async (saved) => {
      toast({ tone: "ok", title: owner ? `Saved ${saved.name}` : `${saved.name} can own leads now` });
      onClose();
      await Promise.all([keys.owners, keys.pools].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: sayError("The owner was not saved"),
  });
  const ready = name.trim() !== "" && email.trim() !== "" && !wrong;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  const set = (part: Partial<Work>) => setWork((old) => ({ ...old, ...part }));
  const names = calendars.data?.items.map((calendar) => calendar.name) ?? [];
  const known = work.calendar && !names.includes(work.calendar) ? [...names, work.calendar] : names;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title={owner ? owner.name : "New owner"}
      description="Routing gives leads to owners. They need no account here."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={save.isPending} disabled={!ready}>
            {owner ? "Save" : "Add owner"}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name" required>
            {(control) => (
              <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field label="E-mail" required>
            {(control) => (
              <Input
                {...control}
                type="email"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label="Team" help="A routing table can lead to a team.">
            {(control) => (
              <Combobox
                {...control}
                value={work.team ?? ""}
                placeholder="No team"
                options={[
                  { value: "", label: "No team" },
                  ...[...new Set([...teams, ...(work.team ? [work.team] : [])])].map((value) => ({
                    value,
                    label: value,
                  })),
                ]}
                createLabel={(text) => `New team “${text}”`}
                onCreate={(text) => set({ team: text })}
                onValueChange={(text) => set({ team: text })}
              />
            )}
          </Field>
          <Field
            label="Open leads at most"
            help="Empty for no limit. Members of a pool with more are passed over."
          >
            {(control) => (
              <Input
                {...control}
                type="number"
                min={0}
                value={work.capacity ?? ""}
                onChange={(event) => {
                  const { capacity: _, ...rest } = work;
                  const count = event.target.valueAsNumber;
                  setWork(Number.isNaN(count) ? rest : { ...rest, capacity: Math.max(0, Math.floor(count)) });
                }}
              />
            )}
          </Field>
        </div>
        <section className="space-y-2">
          <div className="flex items-center justify-between gap-3">
            <h3 className="text-xs font-semibold text-muted">Working hours</h3>
            <Segmented
              label="Working hours"
              size="small"
              value={always ? "always" : "hours"}
              options={[
                { value: "always", label: "Always at work" },
                { value: "hours", label: "Certain hours" },
              ]}
              onValueChange={(next) => setAlways(next === "always")}
            />
          </div>
          {always ? null : <WeekRows week={week} onChange={(next) => set({ week: next })} />}
        </section>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Time zone" help="Hours, days and caps are counted by the clock on their wall.">
            {(control) => (
              <Combobox
                {...control}
                value={work.zone}
                options={zones(work.zone)}
                searchPlaceholder="City or region…"
                onValueChange={(zone) => set({ zone })}
              />
            )}
          </Field>
          <Field label="Holidays" help="Calendars are kept below the owners.">
            {(control) => (
              <Select
                {...control}
                value={work.calendar ?? ""}
                options={[{ value: "", label: "None" }, ...known.map((value) => ({ value, label: value }))]}
                onValueChange={(calendar) => set({ calendar })}
              />
            )}
          </Field>
        </div>
        <section className="space-y-2">
          <h3 className="text-xs font-semibold text-muted">Days off</h3>
          <DaysOffRows
            days={work.days_off}
            onChange={(days) => set({ days_off: days })}
            label="Days off"
            example="Summer holidays"
          />
        </section>
      </form>
    </Dialog>
  );
}

/** What is said of their work; nothing for somebody who is always there and has no limit. */
function withWork(work: Work, always: boolean): { work?: Work } {
  const { calendar, team: named, ...rest } = work;
  const said: Work = {
    ...rest,
    ...(calendar ? { calendar } : {}),
    ...(named?.trim() ? { team: named.trim() } : {}),
  };
  const plain = always && !said.calendar && !said.team && said.capacity === undefined;
  return plain && said.days_off.length === 0 ? {} : { work: said };
}

function here(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function zones(chosen: string) {
  const all = new Set(["UTC", chosen, ...Intl.supportedValuesOf("timeZone")]);
  return [...all].map((value) => ({ value, label: value.replaceAll("_", " ") }));
}
