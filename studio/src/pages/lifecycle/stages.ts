/** The document of a lifecycle as the page edits it. */
import type { RuleDocument } from "@/api";

export interface StageRule {
  readonly name: string;
  /** What it means, as marketing and sales agreed. */
  readonly means?: string;
  readonly entry?: unknown;
  /** Where a lead may go from here; any later stage when absent. */
  readonly moves_to?: readonly string[];
  readonly crm_status?: string;
  readonly recycle?: boolean;
}

export function readStages(document: RuleDocument): StageRule[] {
  return Array.isArray(document.stages) ? (document.stages as StageRule[]) : [];
}

export function writeStages(stages: readonly StageRule[]): RuleDocument {
  return { stages };
}

/** "3 days", "5 hours": a length of time as people say it. */
export function lengthInWords(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ];
  for (const [size, unit] of units) {
    if (seconds >= size) {
      const count = Math.round(seconds / size);
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
  return "under a minute";
}
