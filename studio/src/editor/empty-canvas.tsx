/** An empty workflow teaches its first step: pick what starts it, copy one that exists, or paste JSON. */
import { clsx } from "clsx";
import { useState } from "react";
import { api, tell, useWorkflows } from "@/api";
import { whyNotPasted } from "@/document/clipboard";
import type { StepKind } from "@/document/types";
import { Button, CategoryTile, Dialog, ErrorCode, Field, Kbd, Textarea, toast } from "@/ui";
import { useEditor } from "./editor-context";

export function EmptyCanvas() {
  const { kinds } = useEditor();
  const [pasting, setPasting] = useState(false);
  const triggers = Object.values(kinds).filter((kind) => kind.category === "trigger");
  const isOfApp = ({ kind }: StepKind) => kind.includes(".");
  const ofApps = triggers.filter(isOfApp);
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center overflow-auto pb-16">
      <section
        aria-label="Start here"
        className="pointer-events-auto w-[520px] max-w-[92%] rounded-xl border border-border bg-raised p-6 shadow-card"
      >
        <h2 className="text-xl font-semibold tracking-[-0.01em]">What starts this workflow?</h2>
        <p className="mt-1 text-muted">
          Every workflow begins with a trigger. Choose one; the steps that follow hang below it.
        </p>
        <Triggers kinds={triggers.filter((kind) => !isOfApp(kind))} />
        {ofApps.length > 0 ? <AppTriggers kinds={ofApps} /> : null}
        <div className="mt-5 flex flex-wrap items-center gap-2 border-t border-border pt-4">
          <CopyOfAnother />
          <Button icon="braces" onClick={() => setPasting(true)}>
            Paste JSON…
          </Button>
          <span className="ml-auto text-xs text-muted">
            or press <Kbd>Tab</Kbd> for every step
          </span>
        </div>
      </section>
      {pasting ? <PasteDialog onClose={() => setPasting(false)} /> : null}
    </div>
  );
}

function Triggers({ kinds }: { kinds: readonly StepKind[] }) {
  const { actions } = useEditor();
  return (
    <ul className="mt-4 grid grid-cols-2 gap-2">
      {kinds.map((kind) => (
        <li key={kind.kind}>
          <button
            type="button"
            onClick={() => actions.addFirst(kind)}
            className="flex h-full w-full items-start gap-2.5 rounded-lg border border-border bg-surface p-3 text-left hover:border-control hover:bg-hover"
          >
            <CategoryTile category={kind.category} icon={kind.icon} />
            <span className="min-w-0">
              <span className="block font-medium">{kind.title}</span>
              <span className="block text-xs leading-snug text-muted">{kind.summary}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What an app calls itself: the title of its steps begins with it. */
function appOf({ title }: StepKind): string {
  return title.split(": ", 1)[0] ?? title;
}

/** One app at a time: all of their triggers at once would hide those that every workspace has. */
function AppTriggers({ kinds }: { kinds: readonly StepKind[] }) {
  const [open, setOpen] = useState<string | null>(null);
  const apps = [...new Set(kinds.map(appOf))].sort((a, b) => a.localeCompare(b));
  return (
    <section aria-label="In an app" className="mt-5">
      <h3 className="font-medium">Something happens in an app</h3>
      <div className="mt-2 flex flex-wrap gap-1.5">
        {apps.map((app) => (
          <button
            key={app}
            type="button"
            aria-expanded={app === open}
            onClick={() => setOpen(app === open ? null : app)}
            className={clsx(
              "rounded-md border px-2.5 py-1 text-sm hover:border-control hover:bg-hover",
              app === open ? "border-control bg-hover font-medium" : "border-border bg-surface",
            )}
          >
            {app}
          </button>
        ))}
      </div>
      {open === null ? null : <Triggers kinds={kinds.filter((kind) => appOf(kind) === open)} />}
    </section>
  );
}

/** The demo, or whatever else is there already, as a start. */
function CopyOfAnother() {
  const { actions, workflow } = useEditor();
  const { data } = useWorkflows();
  const [busy, setBusy] = useState(false);
  const others = (data?.items ?? []).filter((one) => one.id !== workflow && one.steps > 0);
  const model = others.find((one) => one.published_version !== null) ?? others[0];
  if (!model) return null;
  const start = async () => {
    setBusy(true);
    try {
      const { draft } = await api.workflow(model.id);
      actions.replaceWith(draft, `Start from “${model.name}”`);
    } catch (error) {
      const { title, detail, action } = tell(error);
      toast({ tone: "bad", title, description: `${detail} ${action}`.trim() });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon="copy" busy={busy} onClick={start} className="max-w-[280px]">
      <span className="truncate">Start from “{model.name}”</span>
    </Button>
  );
}

const NOT_JSON = {
  reason: "This is not JSON.",
  action: "A workflow begins with { and holds “steps” and “edges”.",
  code: "API-0002",
};

function PasteDialog({ onClose }: { onClose(): void }) {
  const { actions } = useEditor();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const wrong = tried ? (whyNotPasted(text) ?? NOT_JSON) : null;
  const take = () => {
    if (actions.takeOver(text) || actions.paste(text)) onClose();
    else setTried(true);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Paste a workflow"
      description="A workflow document, or steps copied from another canvas."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={take} disabled={text.trim() === ""}>
            Use it
          </Button>
        </>
      }
    >
      <Field
        label="JSON"
        error={
          wrong ? (
            <>
              {wrong.reason} {wrong.action} <ErrorCode code={wrong.code} />
            </>
          ) : undefined
        }
      >
        {(control) => (
          <Textarea
            {...control}
            mono
            rows={12}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setTried(false);
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}
