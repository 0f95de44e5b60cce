import { ApiError, tell } from "@/api";
import { ErrorCode, Icon } from "@/ui";

/** Why something was refused, with its code, and every place that is named. */
export function Refusal({ error }: { error: unknown }) {
  const told = tell(error);
  const problems = error instanceof ApiError ? (error.problems ?? []) : [];
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-soft p-3 text-sm">
      <p className="flex items-start gap-2 font-semibold text-bad">
        <Icon name="error" size={16} className="mt-0.5 shrink-0" />
        <span>
          {told.title} {told.code ? <ErrorCode code={told.code} /> : null}
        </span>
      </p>
      <p className="mt-1 break-words">{[told.detail, told.action].filter(Boolean).join(" ")}</p>
      {problems.length > 1 ? (
        <ul className="mt-2 list-disc space-y-0.5 pl-5">
          {problems.map((problem) => (
            <li key={`${problem.field ?? ""}${problem.message}`}>
              {problem.field ? <code className="font-mono text-xs">{problem.field}: </code> : null}
              {problem.message}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
