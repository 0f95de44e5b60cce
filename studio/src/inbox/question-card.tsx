/** Something that waits for a person's word, ready to be answered. The inbox and the run view show the same card. */
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useId, useState } from "react";
import type { InboxItem } from "@/api";
import { Moment } from "@/app/moment";
import { dateTime } from "@/app/time";
import { Button, Chip, Icon, JsonView, Kbd, Textarea } from "@/ui";
import { type Answer, answersTo, dueInWords, headingOf, isSoon } from "./words";

interface QuestionCardProps {
  readonly item: InboxItem;
  readonly onAnswer: (answer: Answer, note: string) => void;
  readonly busy?: boolean;
  /** Where number keys choose an answer, the buttons say so. */
  readonly withKeys?: boolean;
  /** Inside the run's own page a link to the run leads nowhere. */
  readonly inRun?: boolean;
  readonly note?: string;
  readonly onNote?: (note: string) => void;
}

export function QuestionCard(props: QuestionCardProps) {
  const { item, onAnswer, busy = false, withKeys = false, inRun = false } = props;
  const [ownNote, setOwnNote] = useState("");
  const note = props.note ?? ownNote;
  const setNote = props.onNote ?? setOwnNote;
  const id = useId();
  const decision = item.kind === "decision";
  return (
    <section
      aria-labelledby={`${id}-title`}
      className={clsx(
        "flex flex-col gap-4",
        // In the run's panel it is the content itself, not a card on a desk.
        !inRun && "rounded-xl border border-border bg-surface p-5 shadow-card",
      )}
    >
      <header className="flex items-start gap-3">
        {inRun ? null : (
          <span
            aria-hidden
            className={clsx(
              "grid size-9 shrink-0 place-items-center rounded-lg",
              decision ? "bg-warn-soft text-warn" : "bg-accent-soft text-accent-text",
            )}
          >
            <Icon name={decision ? "warning" : "hand"} size={20} />
          </span>
        )}
        <div className="min-w-0 flex-1">
          <h2
            id={`${id}-title`}
            className={clsx("leading-snug font-semibold break-words", inRun ? "text-base" : "text-lg")}
          >
            {headingOf(item)}
          </h2>
          <p className="mt-0.5 text-sm text-muted">
            {decision ? "A write whose answer got lost" : "Waits for your approval"} ·{" "}
            <Moment at={item.asked_at} />
          </p>
        </div>
        <Due item={item} />
      </header>
      {item.text ? (
        <p className="text-base leading-relaxed break-words whitespace-pre-line">{item.text}</p>
      ) : null}
      {decision ? <WhatWasSent item={item} /> : null}
      <About item={item} inRun={inRun} />
      {decision ? <PromiseWords item={item} /> : null}
      <div className="flex flex-col gap-1">
        <label htmlFor={`${id}-note`} className="text-xs font-semibold text-muted">
          Note <span className="font-normal">(optional, kept with the answer)</span>
        </label>
        <Textarea
          id={`${id}-note`}
          rows={2}
          maxLength={2000}
          value={note}
          placeholder={decision ? "How you found out" : "Why you decided so"}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <Answers {...{ item, busy, withKeys }} onChoose={(answer) => onAnswer(answer, note)} />
    </section>
  );
}

function Due({ item }: { item: InboxItem }) {
  const words = dueInWords(item.due_at, Date.now());
  if (words === "") return null;
  return (
    <span title={`After ${dateTime(item.due_at)} the run goes on without an answer.`}>
      <Chip tone={isSoon(item.due_at) ? "warn" : "neutral"} icon="clock">
        {words}
      </Chip>
    </span>
  );
}

/** Who it is about, and the ways to look closer. */
function About({ item, inRun }: { item: InboxItem; inRun: boolean }) {
  return (
    <dl className="grid grid-cols-[84px_1fr] gap-x-3 gap-y-1.5 text-sm">
      {item.subject ? (
        <Row label="About">
          {item.lead_id ? (
            <Link
              to="/leads/$id"
              params={{ id: item.lead_id }}
              className="font-medium text-accent-text hover:underline"
            >
              {item.subject}
            </Link>
          ) : (
            <span className="font-medium">{item.subject}</span>
          )}
        </Row>
      ) : null}
      <Row label="Asked by">
        {item.step_title}
        {inRun ? null : <span className="text-muted"> in {item.workflow_name}</span>}
      </Row>
      {inRun ? null : (
        <Row label="Run">
          <Link
            to="/runs/$id"
            params={{ id: item.run_id }}
            hash={`step=${item.step}`}
            className="font-medium text-accent-text hover:underline"
          >
            See what happened before
          </Link>
        </Row>
      )}
    </dl>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function WhatWasSent({ item }: { item: InboxItem }) {
  const [open, setOpen] = useState(false);
  const { sent } = item;
  if (!sent) return null;
  return (
    <div className="rounded-lg bg-sunken px-3.5 py-3">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h3 className="text-xs font-semibold text-muted">What was sent</h3>
          <p className="mt-0.5 font-mono text-sm break-all">{sent.what}</p>
        </div>
        <Button size="small" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Look inside"}
        </Button>
      </div>
      {open ? (
        <div className="mt-2 max-h-72 overflow-auto border-t border-border pt-2">
          <JsonView value={sent.input} label="What was sent" openLevels={2} />
        </div>
      ) : null}
    </div>
  );
}

function PromiseWords({ item }: { item: InboxItem }) {
  return (
    <p className="flex items-start gap-2 text-sm text-muted">
      <Icon name="info" size={15} className="mt-0.5" />
      <span>
        {item.promise_text ? `${item.promise_text} ` : ""}
        Look in the other system whether it is there, then answer.
      </span>
    </p>
  );
}

interface AnswersProps {
  readonly item: InboxItem;
  readonly busy: boolean;
  readonly withKeys: boolean;
  readonly onChoose: (answer: Answer) => void;
}

function Answers({ item, busy, withKeys, onChoose }: AnswersProps) {
  const answers = answersTo(item);
  if (item.kind === "decision") {
    return (
      <ul className="flex flex-col gap-2">
        {answers.map((answer, index) => (
          <li key={answer.port}>
            <button
              type="button"
              disabled={busy}
              onClick={() => onChoose(answer)}
              className="flex w-full items-center gap-3 rounded-lg border border-border-strong bg-raised px-3.5 py-2.5 text-left transition-colors hover:bg-hover disabled:opacity-50"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{answer.label}</span>
                <span className="block text-sm text-muted">{answer.follows}</span>
              </span>
              {withKeys ? <Kbd>{index + 1}</Kbd> : null}
            </button>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className="flex flex-wrap gap-2">
      {answers.map((answer, index) => (
        <Button
          key={answer.port}
          size="large"
          variant={index === 0 ? "primary" : "default"}
          busy={busy}
          {...(withKeys && index < 9 ? { kbd: String(index + 1) } : {})}
          onClick={() => onChoose(answer)}
        >
          {answer.label}
        </Button>
      ))}
    </div>
  );
}
