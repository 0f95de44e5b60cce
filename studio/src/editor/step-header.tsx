/** Name and nature of the selected step; the name is edited where it stands. */
import { useEffect, useRef, useState } from "react";
import { renameStep } from "@/document/commands";
import type { Step, StepId, StepKind } from "@/document/types";
import { CategoryTile, IconButton, Menu } from "@/ui";
import { useEditor, useSession } from "./editor-context";
import { useStepMenu } from "./step-menu";

export function StepHeader({ id, step, kind }: { id: StepId; step: Step; kind: StepKind | undefined }) {
  const { session, canvas } = useEditor();
  const menu = useStepMenu();
  const close = () => {
    session.getState().patch({ panelOpen: false, dataDock: false });
    canvas.current?.focus(id);
  };
  return (
    <header className="flex items-center gap-2.5 px-[18px] pt-3.5 pb-2.5">
      <CategoryTile category={kind?.category ?? "logic"} icon={kind?.icon ?? "warning"} size={32} />
      <div className="min-w-0 flex-1">
        <StepTitle key={id} id={id} title={step.title} />
        <p className="truncate text-xs text-muted" title={kind?.summary}>
          {kind?.summary ?? "Not known to this server"}
        </p>
      </div>
      <Menu
        trigger={
          <IconButton
            icon="more"
            label="More actions"
            noTooltip
            onPointerDown={() => session.getState().patch({ menuOn: id })}
            onKeyDown={() => session.getState().patch({ menuOn: id })}
          />
        }
        entries={menu}
      />
      <IconButton icon="close" label="Close the panel" onClick={close} />
    </header>
  );
}

function StepTitle({ id, title }: { id: StepId; title: string }) {
  const { documents, session, canvas } = useEditor();
  const renaming = useSession((state) => state.renaming);
  const watching = useSession((state) => state.watching !== null);
  const [text, setText] = useState(title);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => setText(title), [title]);
  useEffect(() => {
    if (!renaming) return;
    field.current?.select();
    // Done with; a panel opened later must not take it for its own.
    session.getState().patch({ renaming: false });
  }, [renaming, session]);

  const keep = () => {
    documents.getState().edit(renameStep, { path: session.getState().path, id, title: text });
    if (text.trim() === "") setText(title);
  };
  return (
    <input
      ref={field}
      aria-label="Step title"
      readOnly={watching}
      value={text}
      maxLength={80}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Enter") keep();
        else setText(title);
        canvas.current?.focus(id);
      }}
      className="-mx-1 block w-full truncate rounded-sm border border-transparent bg-transparent px-1 text-lg leading-snug font-semibold hover:border-border focus:border-control focus:bg-surface"
    />
  );
}
