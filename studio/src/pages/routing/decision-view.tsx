import type { Decision } from "@/api";
import { CandidatesTable } from "./candidates-table";
import { passedInWords, placeInWords } from "./decision-words";

/** A decision: the sentence, where it was made, what was passed over before, and everybody who might have got the lead. */
export function DecisionView({ decision }: { decision: Decision }) {
  const passed = passedInWords(decision.passed);
  const place = placeInWords(decision);
  return (
    <div className="space-y-2">
      <p>{decision.sentence}</p>
      {place ? <p className="text-xs text-muted">{place}</p> : null}
      {passed.length > 0 ? (
        <details open={passed.length <= 3}>
          <summary className="cursor-pointer rounded-sm text-sm text-muted">
            {passed.length} passed over before
          </summary>
          <ul className="mt-1 space-y-0.5 text-muted">
            {passed.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      ) : null}
      {decision.candidates && decision.candidates.length > 0 ? (
        <CandidatesTable candidates={decision.candidates} />
      ) : null}
    </div>
  );
}
