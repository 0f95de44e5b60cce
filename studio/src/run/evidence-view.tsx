import { clsx } from "clsx";
import type { ReactNode } from "react";
import type { RunView, StepView } from "@/api";
import type { Step, StepKind } from "@/document/types";
import { type AvailableData, inShort } from "@/forms";
import { OPERATOR_WORDS } from "@/forms/condition/model";
import { comparisonInWords } from "@/forms/condition/words";
import { parseTemplate } from "@/forms/template/parse";
import { pillOfHole } from "@/forms/template/pill";
import { PillChip } from "@/forms/template/pill-chip";
import { signed } from "@/forms/widgets/points";
import { Chip } from "@/ui";
import { type Candidate, candidatesOf, type Met, metOf, type Reason, reasonsOf, scoreOf } from "./evidence";

interface EvidenceViewProps {
  readonly run: RunView;
  readonly view: StepView;
  readonly step: Step;
  readonly kind: StepKind | undefined;
  readonly available: readonly AvailableData[];
}

/** What the decision rests on: people considered, rules that held, values compared. */
export function EvidenceView({ run, view, step, kind, available }: EvidenceViewProps) {
  const candidates = candidatesOf(view);
  const reasons = reasonsOf(view);
  const score = scoreOf(view);
  const met = metOf(run, view, step, kind);
  return (
    <>
      {candidates.length > 0 ? <Candidates candidates={candidates} /> : null}
      {score !== null && Array.isArray((view.output as { reasons?: unknown }).reasons) ? (
        <Reasons reasons={reasons} score={score} />
      ) : null}
      {met.length > 0 ? <Comparisons met={met} available={available} /> : null}
    </>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
      {children}
    </section>
  );
}

const CELL = "border-b border-border px-2 py-1.5 align-middle";

function Candidates({ candidates }: { candidates: readonly Candidate[] }) {
  return (
    <Block title="Candidates">
      <ul>
        {candidates.map(({ name, detail, chosen, verdict }) => (
          <li key={name} className="flex items-center gap-3 border-b border-border px-2 py-1.5">
            <div className="min-w-0 flex-1">
              <div className="font-semibold">{name}</div>
              {detail ? <div className="text-xs text-muted">{detail}</div> : null}
            </div>
            <Chip tone={chosen ? "ok" : /\bcap\b/.test(verdict) ? "warn" : "neutral"}>{verdict}</Chip>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Reasons({ reasons, score }: { reasons: readonly Reason[]; score: number }) {
  const sum = reasons.reduce((total, reason) => total + reason.points, 0);
  return (
    <Block title="Points">
      <table className="w-full border-collapse text-sm">
        <tbody>
          {reasons.map((reason) => (
            <tr key={`${reason.label}${reason.points}`}>
              <th scope="row" className={clsx(CELL, "text-left font-normal")}>
                {reason.label}
              </th>
              <td
                className={clsx(CELL, "w-20 text-right font-medium tabular", reason.points < 0 && "text-bad")}
              >
                {signed(reason.points)}
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="px-2 py-1.5 text-left font-semibold">
              {reasons.length === 0
                ? "No rule held"
                : sum === score
                  ? "Score"
                  : `Score, from ${signed(sum)} kept within its limits`}
            </th>
            <td className="w-20 px-2 py-1.5 text-right text-lg font-bold tabular">{score}</td>
          </tr>
        </tbody>
      </table>
    </Block>
  );
}

function Comparisons({ met, available }: { met: readonly Met[]; available: readonly AvailableData[] }) {
  return (
    <Block title="What was compared">
      <table className="w-full border-collapse text-sm">
        <thead className="visually-hidden">
          <tr>
            <th>Field</th>
            <th>Asked for</th>
            <th>It was</th>
          </tr>
        </thead>
        <tbody>
          {met.map(({ comparison, actual, known }) => (
            <tr key={JSON.stringify(comparison)}>
              <td className={CELL}>
                <FieldName field={comparison.field} available={available} />
              </td>
              <td className={clsx(CELL, "text-muted")}>{askedFor(comparison, available)}</td>
              <td className={clsx(CELL, "text-right font-semibold tabular")}>
                {known ? inShort(actual, 40) : <span className="font-normal text-faint">see input</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Block>
  );
}

function FieldName({ field, available }: { field: string; available: readonly AvailableData[] }) {
  return parseTemplate(field).map((segment) => {
    const pill = segment.type === "hole" ? pillOfHole(segment.inner, available) : null;
    return pill ? <PillChip key={segment.from} short pill={pill} /> : segment.text;
  });
}

/** "is at least 70": the comparison's sentence without its field. */
function askedFor(comparison: Met["comparison"], available: readonly AvailableData[]): string {
  const sentence = comparisonInWords(comparison, available);
  const words = OPERATOR_WORDS[comparison.op].words;
  return sentence.slice(Math.max(0, sentence.indexOf(words)));
}
