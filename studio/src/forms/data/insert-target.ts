/**
 * Which field takes what is picked in the data panel: the template field that had the focus last and is still on
 * the page. Session state of the browser window, not of the document.
 */

/** A field that can take a pill at its cursor. */
export interface InsertTarget {
  /** Spoken name of the field. */
  readonly label: string;
  insert(template: string): void;
}

/** Drag data of a pill; its text is the template, `{{ steps.score.score }}`. */
export const PILL_MIME = "text/x-trunkline-pill";

let last: InsertTarget | null = null;
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

/** Called by a field when it gets the focus. */
export function becomeInsertTarget(target: InsertTarget): void {
  if (last === target) return;
  last = target;
  changed();
}

/** Called by a field when it leaves the page. */
export function leaveInsertTarget(target: InsertTarget): void {
  if (last !== target) return;
  last = null;
  changed();
}

/** The field that would take a pill now. */
export function currentInsertTarget(): InsertTarget | null {
  return last;
}

/** For `useSyncExternalStore`. */
export function subscribeInsertTarget(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Puts a template into the field that had the focus last; false when there is none. */
export function insertIntoLastField(template: string): boolean {
  last?.insert(template);
  return last !== null;
}
