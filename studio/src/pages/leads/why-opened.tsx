import type { ReactNode } from "react";
import type { Activity } from "@/api";
import { fieldText } from "@/pages/fields/field-words";

/** A routing decision as it is kept with an assignment. */
interface Decision {
  table?: string;
  version?: number;
  row?: number;
  asked?: string[];
  passed?: { row: number; why: string }[];
  pool?: string;
  candidates?: {
    owner_id: string;
    name: string;
    weight: number;
    why: string;
    before: { assigned: number };
  }[];
}

/** All that is behind an entry: who was passed over and why, which values changed, the times of a clock. */
export function WhyOpened({ activity }: { activity: Activity }) {
  const lines = linesOf(activity);
  if (lines.length === 0) return null;
  return (
    <details className="mt-1 text-sm">
      <summary className="cursor-pointer rounded-sm text-xs font-medium text-accent-text hover:underline">
        {activity.kind === "assigned" ? "Who was passed over, and why" : "Details"}
      </summary>
      <ul className="mt-1 space-y-0.5 rounded-md bg-sunken px-2.5 py-1.5">
        {lines.map(({ key, line }) => (
          <li key={key}>{line}</li>
        ))}
      </ul>
    </details>
  );
}

function linesOf({ kind, detail, old, new: now }: Activity): { key: string; line: ReactNode }[] {
  if (kind === "assigned" && isRecord(detail)) return decisionLines(detail as Decision);
  if (isRecord(now) && (isRecord(old) || old === undefined) && kind === "updated") {
    const before: Record<string, unknown> = isRecord(old) ? old : {};
    return Object.keys(now).map((name) => ({
      key: name,
      line: (
        <>
          <span className="text-muted">{name}:</span> {fieldText(before[name]) || "nothing"} →{" "}
          {fieldText(now[name]) || "nothing"}
        </>
      ),
    }));
  }
  const told = isRecord(detail) ? detail : kind === "touched" && isRecord(now) ? now : null;
  return Object.entries(told ?? {})
    .filter(([name, value]) => name !== "clock" && value !== null && value !== "")
    .map(([name, value]) => ({
      key: name,
      line: (
        <>
          <span className="text-muted">{name.replaceAll("_", " ")}:</span>{" "}
          {isRecord(value) && typeof value.name === "string" ? value.name : fieldText(value)}
        </>
      ),
    }));
}

function decisionLines(decision: Decision): { key: string; line: ReactNode }[] {
  const lines: { key: string; line: ReactNode }[] = [];
  if (decision.table) {
    const version = decision.version ? `, version ${decision.version}` : "";
    const row = decision.row ? `, row ${decision.row}` : "";
    const asked = decision.asked?.length ? `: ${decision.asked.join("; ")}` : "";
    lines.push({ key: "table", line: `By the table ${decision.table}${version}${row}${asked}.` });
  }
  for (const { row, why } of decision.passed ?? []) {
    lines.push({
      key: `row ${row} ${why}`,
      line: `${row > 0 ? `Row ${row} not: ` : "Before the rows: "}${why}.`,
    });
  }
  for (const { owner_id, name, why, weight, before } of decision.candidates ?? []) {
    lines.push({
      key: owner_id,
      line: (
        <>
          <b className="font-medium">{name}</b>: {why} (weight {weight}, {before.assigned} so far).
        </>
      ),
    });
  }
  return lines;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
