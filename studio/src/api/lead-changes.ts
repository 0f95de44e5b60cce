/** What people change about leads: one of them, or a selection. */
import { ask } from "./ask";
import type { Json } from "./types";

export interface LeadEdit {
  /** Values by the names of fields; null empties one. */
  fields?: Record<string, Json>;
  /** Name, e-mail address or id; empty text for nobody. */
  owner?: string;
  stage?: string;
  why?: string;
}

export interface BulkEdit {
  leads: string[];
  owner?: string;
  stage?: string;
  add_to_list?: string;
  remove_from_list?: string;
}

export interface BulkOutcome {
  changed: number;
  same: number;
  failed: { lead_id: string; code: string; message: string }[];
}

export const leadChanges = {
  edit: (id: string, body: LeadEdit) =>
    ask<{ changed: string[] }>("PATCH", "/leads/{id}", { path: { id }, body }),
  /** Makes an example company in a workspace without leads. */
  example: () => ask<{ accounts: number; leads: number }>("POST", "/example", {}),
  bulk: (body: BulkEdit) => ask<BulkOutcome>("POST", "/leads/bulk", { body }),
};
