/** What a step promises when something breaks half-way, in a sentence, with what that means a click away. */
import { clsx } from "clsx";
import { PROMISE_TITLES, type PromiseLevel, promiseOf } from "@/document/promise";
import type { Step, StepKind } from "@/document/types";
import { Icon, Popover } from "@/ui";

const LEVELS: readonly { level: PromiseLevel; means: string }[] = [
  {
    level: "once",
    means:
      "The write and the note that it was done are one, or the other side knows our key. It is repeated until it is through, and counts once.",
  },
  {
    level: "checked",
    means: "Before it is sent again, the step looks in the other system whether it is there already.",
  },
  {
    level: "uncertain",
    means:
      "Nobody can look. The run waits, and the inbox asks a person: did it happen? Nothing is sent twice without a word.",
  },
  { level: "none", means: "It only reads or computes. It can be done again at any time." },
];

const TONES: Readonly<Record<PromiseLevel, string>> = {
  none: "text-faint",
  once: "text-ok",
  checked: "text-ok",
  uncertain: "text-warn",
};

export function PromiseNote({ step, kind }: { step: Step; kind: StepKind }) {
  const { level, text } = promiseOf(step, kind);
  if (kind.category === "trigger") return null;
  // Many kinds say the same words themselves, and more.
  const repeats = text.startsWith(PROMISE_TITLES[level]);
  return (
    <section
      aria-label="When something breaks half-way"
      className="flex items-start gap-2.5 rounded-lg bg-sunken px-3 py-2.5"
    >
      <Icon name="shield" size={17} className={clsx("mt-px", TONES[level])} />
      <div className="min-w-0 flex-1 text-sm">
        <p className="flex items-baseline gap-2">
          <span className="font-medium">{repeats ? text : PROMISE_TITLES[level]}</span>
          <Popover
            label="What steps promise"
            align="end"
            className="w-[360px]"
            trigger={
              <button
                type="button"
                className="ml-auto shrink-0 rounded-sm text-xs text-accent-text hover:underline"
              >
                What is this?
              </button>
            }
          >
            <Explanation present={level} />
          </Popover>
        </p>
        {text && !repeats ? <p className="mt-0.5 text-muted">{text}</p> : null}
      </div>
    </section>
  );
}

function Explanation({ present }: { present: PromiseLevel }) {
  return (
    <div className="text-sm">
      <p>
        When a connection breaks or the machine stops in the middle of a write, nobody knows at first whether
        the other side got it. Each step says what it does then:
      </p>
      <ul className="mt-2 flex flex-col gap-2">
        {LEVELS.map(({ level, means }) => (
          <li
            key={level}
            className={clsx("flex gap-2 rounded-md px-2 py-1.5", level === present && "bg-accent-soft")}
          >
            <Icon name="shield" size={15} className={clsx("mt-0.5", TONES[level])} />
            <span>
              <b className="font-semibold">{PROMISE_TITLES[level]}</b>
              {level === present ? <span className="text-accent-text"> · this step</span> : null}
              <span className="block text-muted">{means}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
