/** The document of a scoring model as the page edits it. */
import type { RuleDocument } from "@/api";
import type { Did } from "@/rules/criteria";

export interface FitRow {
  readonly when: unknown;
  readonly points: number;
  readonly label?: string;
}

export interface BehaviourRow extends Did {
  readonly points: number;
  readonly label?: string;
  readonly every_time?: boolean | number;
}

export interface Threshold {
  readonly at: number;
  readonly name: string;
  readonly means?: string;
  readonly stage?: string;
}

export interface ScoringModel {
  readonly fit: { readonly rows: readonly FitRow[]; readonly most: number };
  readonly behaviour: {
    readonly rows: readonly BehaviourRow[];
    readonly most: number;
    readonly half_life_days?: number;
  };
  readonly maximum: number;
  readonly thresholds: readonly Threshold[];
  readonly grades?: { readonly fit: readonly number[]; readonly behaviour: readonly number[] };
  readonly automatic: boolean;
}

/** What a new model says: an example that teaches the tables. */
export const FIRST_MODEL: RuleDocument = {
  fit: {
    rows: [
      { when: { field: "company_size", op: "at_least", value: 200 }, points: 25 },
      { when: { field: "job_title", op: "contains", value: "head" }, points: 20 },
      { when: { field: "email", op: "is_free_mailbox" }, points: -20, label: "Private e-mail address" },
    ],
    most: 60,
  },
  behaviour: {
    rows: [{ did: "touched", named: "page_view", within_days: 14, points: 15 }],
    most: 40,
    half_life_days: 30,
  },
  maximum: 100,
  thresholds: [{ at: 71, name: "MQL", means: "Marketing hands the lead to sales.", stage: "MQL" }],
  automatic: true,
};

/** Fills in what a document leaves to the defaults. */
export function readModel(document: RuleDocument): ScoringModel {
  const { fit, behaviour, ...rest } = document as Partial<ScoringModel>;
  return {
    maximum: 100,
    thresholds: [],
    automatic: true,
    ...rest,
    fit: { rows: fit?.rows ?? [], most: fit?.most ?? 60 },
    behaviour: {
      rows: behaviour?.rows ?? [],
      most: behaviour?.most ?? 40,
      ...(behaviour?.half_life_days === undefined ? {} : { half_life_days: behaviour.half_life_days }),
    },
  };
}

/** As the document holds it. */
export function writeModel(model: ScoringModel): RuleDocument {
  return model as unknown as RuleDocument;
}
