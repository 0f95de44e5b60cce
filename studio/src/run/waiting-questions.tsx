/** What a step of this run waits for from a person, to be answered where it stands. The same card as in the inbox. */
import { useState } from "react";
import type { InboxItem, RunView, StepView } from "@/api";
import { QuestionCard } from "@/inbox/question-card";
import { useAnswer } from "@/inbox/use-answer";
import { answersTo } from "@/inbox/words";

/** The questions of one step; a step inside a loop may have asked several times. */
export function questionsOf(run: Pick<RunView, "waiting_for">, view: StepView): InboxItem[] {
  if (view.status !== "waiting" && view.status !== "uncertain") return [];
  return waitsOf(run, view).filter((item) => answersTo(item).length > 0);
}

/** Another system's call, or something that has to happen to a lead: nobody can answer, but all may know. */
export function othersWordOf(run: Pick<RunView, "waiting_for">, view: StepView): InboxItem | undefined {
  return waitsOf(run, view).find((item) => answersTo(item).length === 0);
}

function waitsOf(run: Pick<RunView, "waiting_for">, view: StepView): InboxItem[] {
  return (run.waiting_for ?? []).filter((item) => item.step === view.step);
}

/** More than these are answered in the inbox. */
const MOST = 3;

export function WaitingQuestions({ items }: { items: readonly InboxItem[] }) {
  const [answered, setAnswered] = useState<readonly string[]>([]);
  const answer = useAnswer();
  const open = items.filter((item) => !answered.includes(item.id));
  return (
    <>
      {open.slice(0, MOST).map((item) => (
        <QuestionCard
          key={item.id}
          item={item}
          inRun
          onAnswer={(chosen, note) => {
            setAnswered((before) => [...before, item.id]);
            answer.mutate(
              { item, answer: chosen, note },
              { onError: () => setAnswered((before) => before.filter((id) => id !== item.id)) },
            );
          }}
        />
      ))}
      {open.length > MOST ? (
        <p className="text-sm text-muted">{open.length - MOST} more of this step wait in the inbox.</p>
      ) : null}
    </>
  );
}
