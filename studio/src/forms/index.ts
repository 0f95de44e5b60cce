/**
 * Forms for step settings, and the panels that show the data they draw on. Everything is drawn from descriptors
 * and samples; no step kind is known here by name, except that conditions are tried out as an `if` step.
 */

export { type AvailableData, inShort, ordinal } from "./data/available";
export { DataPanel } from "./data/data-panel";
export { insertIntoLastField } from "./data/insert-target";
export { OutputPanel, StepErrorBox } from "./data/output-panel";
export { StepForm } from "./step-form";

/** Loads the text editors before the first field needs them, so that a form opens without the server, too. */
export function loadFieldEditors(): Promise<unknown> {
  return Promise.all([import("./template/template-editor"), import("./widgets/json-editor")]);
}
