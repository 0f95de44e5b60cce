import type { RunView } from "@/api";
import { BODY_WORDS, bodyRuleOf, roundInWords } from "@/document/body-words";
import { findStep } from "@/document/graph";
import type { BodyRule, StepKinds } from "@/document/types";
import { Button, Combobox, Icon, IconButton } from "@/ui";
import { countOfRounds, levelsOf, type Round, roundsOf } from "./frames";
import { STEP_STATUS_WORDS } from "./run-words";

interface FrameBarProps {
  readonly run: RunView;
  readonly kinds: StepKinds;
  readonly frame: string;
  readonly onFrame: (frame: string) => void;
}

/** Inside a step that holds others: the way back out, and which round is shown. Failed ones come first in the list. */
export function FrameBar({ run, kinds, frame, onFrame }: FrameBarProps) {
  const levels = levelsOf(frame);
  const innermost = levels.at(-1);
  if (!innermost) return null;
  const parent = parentOf(frame);
  const rounds = roundsOf(run, innermost.loop, parent);
  const inOrder = [...rounds].sort((a, b) => a.item - b.item);
  const at = inOrder.findIndex((round) => round.frame === frame);
  const total = countOfRounds(run, rounds);
  const holder = findStep(run.document, innermost.loop)?.step;
  const title = holder?.title ?? innermost.loop;
  const rule = bodyRuleOf(holder, kinds);
  const { one, many } = BODY_WORDS[rule];
  const failed = rounds.filter((round) => round.status === "failed").length;
  const step = (by: number) => {
    const next = inOrder[at + by];
    if (next) onFrame(next.frame);
  };
  return (
    <section
      aria-label={`${capital(many)} of ${title}`}
      className="absolute top-3 left-3 z-10 flex items-center gap-1.5 rounded-lg border border-border bg-raised p-1.5 shadow-card"
    >
      <Button size="small" variant="ghost" icon="arrow-left" onClick={() => onFrame(parent)}>
        {parent === "" ? "Whole workflow" : "Back out"}
      </Button>
      <span className="flex items-center gap-1.5 px-1 font-medium">
        <Icon name={kinds[holder?.kind ?? ""]?.icon ?? "loop"} size={15} className="text-muted" />
        {title}
      </span>
      {rule === "once" ? null : (
        <>
          <IconButton
            icon="chevron-left"
            size="small"
            label={`${capital(one)} before`}
            disabled={at <= 0}
            onClick={() => step(-1)}
          />
          <Combobox
            className="!h-7 !w-44"
            aria-label={`Which ${one} is shown: ${innermost.item + 1} of ${total}`}
            value={frame}
            options={rounds.map((round) => optionOf(round, rule))}
            searchPlaceholder={`Search ${many}`}
            onValueChange={onFrame}
          />
          <IconButton
            icon="chevron-right"
            size="small"
            label={`${capital(one)} after`}
            disabled={at === -1 || at === inOrder.length - 1}
            onClick={() => step(1)}
          />
          <span className="pr-1.5 text-xs text-muted">
            of {total.toLocaleString("en")}
            {total > rounds.length ? `, ${rounds.length} kept` : null}
            {failed > 0 ? <span className="text-bad"> · {failed} failed</span> : null}
          </span>
        </>
      )}
    </section>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function optionOf({ frame, item, status, words }: Round, rule: BodyRule) {
  return {
    value: frame,
    label: `${roundInWords(item, rule)} · ${STEP_STATUS_WORDS[status].toLowerCase()}`,
    ...(words ? { hint: words } : {}),
  };
}

/** `a[1].b[2]` stands inside `a[1]`. */
export function parentOf(frame: string): string {
  return frame.replace(/[./]?[a-z][a-z0-9_]*\[\d+\]$/, "");
}
