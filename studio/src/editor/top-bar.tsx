/** Pieces of the page's bar that belong to the editor: the name, the state of draft and saving, run and publish. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { renameWorkflow } from "@/document/commands";
import { Button, Chip, Icon, IconButton, Menu } from "@/ui";
import { useDocument, useEditor, useSaveState } from "./editor-context";
import { usePublication } from "./publication";
import { saveWords } from "./save-words";
import { keysHere } from "./shortcuts";

export function WorkflowName() {
  const { documents } = useEditor();
  const { name } = useDocument();
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(name), [name]);
  const keep = () => {
    documents.getState().edit(renameWorkflow, { name: text });
    if (text.trim() === "") setText(name);
  };
  return (
    <span className="-mr-1 inline-grid max-w-[calc(100%+4px)] min-w-24 align-bottom [&>*]:col-start-1 [&>*]:row-start-1">
      {/* Gives the field the width of its text. */}
      <span aria-hidden className="invisible truncate px-1.5 whitespace-pre">
        {text}
      </span>
      <input
        ref={field}
        size={1}
        aria-label="Workflow name"
        value={text}
        maxLength={120}
        onChange={(event) => setText(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === "Escape") setText(name);
          if (event.key === "Enter" || event.key === "Escape") {
            event.stopPropagation();
            requestAnimationFrame(() => field.current?.blur());
          }
        }}
        className="w-full min-w-0 truncate rounded-sm border border-transparent bg-transparent px-1 font-semibold hover:border-border focus:border-control focus:bg-surface"
      />
    </span>
  );
}

export function DraftState() {
  const { version, changes, active } = usePublication();
  if (version === null) return <Chip>Draft · never published</Chip>;
  if (changes.length === 0) {
    return (
      <Chip tone={active ? "ok" : "neutral"}>
        Published · version {version}
        {active ? "" : " · off"}
      </Chip>
    );
  }
  return (
    <Chip tone="warn">
      Draft · {changes.length} {changes.length === 1 ? "change" : "changes"}
    </Chip>
  );
}

export function SaveNote() {
  const state = useSaveState((save) => save);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const wrong = state.status === "unreachable" || state.status === "refused" || state.status === "conflict";
  return (
    <span
      role={wrong ? "status" : undefined}
      title={state.refusal ? [state.refusal.detail, state.refusal.action].join(" ") : undefined}
      className={
        wrong ? "shrink-0 text-xs font-medium text-warn" : "shrink-0 text-xs text-faint max-[1180px]:hidden"
      }
    >
      {saveWords(state, Math.max(now, state.savedAt ?? 0))}
    </span>
  );
}

export function BarActions() {
  const { session } = useEditor();
  const { version, changes } = usePublication();
  const sample = version !== null && changes.length === 0;
  const errors = useSaveState(
    (state) => state.problems.filter(({ severity }) => severity === "error").length,
  );
  return (
    <>
      <IconButton
        icon="settings"
        label="Workflow settings"
        onClick={() => session.getState().patch({ dialog: "settings" })}
      />
      <IconButton
        icon="keyboard"
        label="Keyboard shortcuts"
        kbd="?"
        onClick={() => session.getState().patch({ dialog: "shortcuts" })}
      />
      <TryMenu />
      <Button
        icon={sample ? "send" : "play"}
        title="Ctrl+Enter"
        onClick={() => session.getState().patch({ dialog: "run" })}
      >
        {sample ? "Send a sample" : "Run draft"}
      </Button>
      <Button
        variant="primary"
        title={
          errors > 0 ? `${errors} ${errors === 1 ? "problem" : "problems"} to put right first` : undefined
        }
        onClick={() => session.getState().patch({ dialog: "publish" })}
      >
        Publish…
      </Button>
    </>
  );
}

/** The ways of seeing what the draft would do before it does anything. */
function TryMenu() {
  const { session, workflow } = useEditor();
  const navigate = useNavigate();
  const open = (dialog: "past" | "dry" | "tests") => () => session.getState().patch({ dialog });
  return (
    <Menu
      trigger={
        <Button icon="eye">
          Try
          <Icon name="chevron-down" size={14} />
        </Button>
      }
      entries={[
        { heading: "Nothing is written" },
        { label: "On the past…", icon: "history", kbd: keysHere("⇧ P"), onSelect: open("past") },
        { label: "Dry run…", icon: "eye", kbd: keysHere("⇧ D"), onSelect: open("dry") },
        "separator",
        { label: "Tests…", icon: "pin", kbd: keysHere("⇧ T"), onSelect: open("tests") },
        "separator",
        {
          label: "What was tried before",
          icon: "list",
          onSelect: () => void navigate({ to: "/jobs", search: { workflow } }),
        },
      ]}
    />
  );
}
