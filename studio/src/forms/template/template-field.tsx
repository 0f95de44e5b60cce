import { clsx } from "clsx";
import { lazy, Suspense, useEffect, useId, useMemo, useRef, useState } from "react";
import { whenServed } from "@/api";
import { CONTROL, Icon } from "@/ui";
import { becomeInsertTarget, type InsertTarget, leaveInsertTarget } from "../data/insert-target";
import { PreviewLine } from "../preview/preview-line";
import { useFormScope } from "../scope";
import type { PlacedHole } from "./editor-pills";
import { PillEditor } from "./pill-editor";
import type { TemplateEditorHandle } from "./template-editor";
import { TemplateText } from "./template-text";

const TemplateEditor = lazy(() => whenServed(() => import("./template-editor")));

interface TemplateFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Spoken name, used when no visible label exists and for "insert into …". */
  readonly label: string;
  readonly labelledBy?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly id?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly multiline?: boolean | undefined;
  readonly invalid?: boolean | undefined;
  readonly autoFocus?: boolean | undefined;
  /** Inside a table row: no box around while it is not in use, and short pills. */
  readonly compact?: boolean | undefined;
  /** The value underneath only while in use; what is missing is always said. */
  readonly quiet?: boolean | undefined;
  /** No line with the value underneath, where the surroundings already show it. */
  readonly noPreview?: boolean | undefined;
}

/**
 * Text in which `{{ }}` holes stand as pills. Pills come by dragging from the data panel, by typing `{` or `/`, or
 * with the + button; a double-click (or F2 beside it) opens one. Whatever else is typed stays text.
 */
export function TemplateField(props: TemplateFieldProps) {
  const {
    value,
    onChange,
    label,
    multiline = false,
    invalid = false,
    compact = false,
    noPreview = false,
  } = props;
  const { available, readOnly } = useFormScope();
  const editor = useRef<TemplateEditorHandle>(null);
  const [focused, setFocused] = useState(false);
  const [opened, setOpened] = useState<{ hole: PlacedHole; anchor: DOMRect } | null>(null);
  const previewId = useId();
  const hintId = useId();
  const target = useInsertTarget(label, editor);
  /** What stands in for the editor has the keyboard, and hands it on. */
  const standInFocused = useRef(false);

  return (
    // Escape that closed the list must not also close the panel around the field.
    // biome-ignore lint/a11y/noStaticElementInteractions: only stops a key that was already handled inside
    <div
      className="min-w-0"
      onKeyDown={(event) => {
        if (event.key === "Escape" && event.defaultPrevented) event.stopPropagation();
      }}
    >
      <div
        className={clsx(
          CONTROL,
          "relative flex cursor-text items-start gap-1 text-base",
          compact ? "min-h-[28px] px-1.5" : "min-h-8 py-[2px] pr-1 pl-2.5",
          compact && !focused && !invalid && "border-transparent bg-transparent",
          multiline && "min-h-20",
          focused && "border-accent ring-2 ring-accent-soft hover:border-accent",
          invalid && "border-bad-line",
        )}
        data-template-field=""
      >
        <Suspense
          fallback={
            // biome-ignore lint/a11y/useSemanticElements: pills are no text of an input
            <span
              role="group"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard must not pass by a field that is a moment away
              tabIndex={0}
              aria-busy
              aria-labelledby={props.labelledBy}
              aria-label={props.labelledBy ? undefined : label}
              className="flex min-w-0 flex-1 outline-none"
              onFocus={() => {
                standInFocused.current = true;
              }}
              onBlur={() => {
                standInFocused.current = false;
              }}
            >
              <TemplateText
                value={value}
                available={available}
                placeholder={props.placeholder ?? ""}
                short={compact}
              />
            </span>
          }
        >
          <TemplateEditor
            ref={editor}
            value={value}
            onChange={onChange}
            available={available}
            multiline={multiline}
            short={compact}
            readOnly={readOnly}
            placeholder={props.placeholder ?? ""}
            id={props.id}
            label={label}
            labelledBy={props.labelledBy}
            describedBy={clsx(props.describedBy, !noPreview && previewId, hintId)}
            invalid={invalid}
            autoFocus={props.autoFocus || standInFocused.current}
            onFocusChange={(now) => {
              setFocused(now);
              if (now) becomeInsertTarget(target);
            }}
            onOpenHole={(hole, anchor) => setOpened({ hole, anchor })}
          />
        </Suspense>
        {readOnly ? null : (
          <button
            type="button"
            aria-label={`Insert a field into ${label}`}
            title="Insert a field from an earlier step"
            className={clsx(
              "grid shrink-0 place-items-center rounded-sm text-faint hover:bg-hover hover:text-text",
              compact
                ? "absolute top-[2px] right-0.5 size-5 bg-surface opacity-0 focus-visible:opacity-100"
                : "mt-0.5 size-[22px]",
              compact && focused && "opacity-100",
            )}
            onClick={() => editor.current?.openList()}
          >
            <Icon name="plus" size={14} />
          </button>
        )}
        <span id={hintId} className="visually-hidden">
          Type an opening brace to insert a field from an earlier step. F2 opens the field beside the cursor.
        </span>
      </div>
      {noPreview ? null : (
        <PreviewLine
          brief={compact}
          id={previewId}
          template={value}
          quiet={props.quiet === true && !focused}
        />
      )}
      {opened ? (
        <PillEditor
          hole={opened.hole}
          anchor={opened.anchor}
          onClose={() => {
            setOpened(null);
            editor.current?.focus();
          }}
          onReplace={(text) => {
            editor.current?.replace(opened.hole, text);
            setOpened(null);
          }}
        />
      ) : null}
    </div>
  );
}

function useInsertTarget(
  label: string,
  editor: { readonly current: TemplateEditorHandle | null },
): InsertTarget {
  const target = useMemo<InsertTarget>(
    () => ({ label, insert: (template) => editor.current?.insert(template) }),
    [label, editor],
  );
  useEffect(() => () => leaveInsertTarget(target), [target]);
  return target;
}
