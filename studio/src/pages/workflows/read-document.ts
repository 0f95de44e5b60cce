import type { WorkflowDocument } from "@/api";

type ReadResult = { ok: true; document: WorkflowDocument } | { ok: false; reason: string };

/**
 * Reads pasted or uploaded text as a workflow document, so far that it can be sent to the server, which judges the
 * rest. Says in plain words what is wrong.
 */
export function readDocument(text: string): ReadResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      reason: `This is not JSON: ${error instanceof Error ? error.message : "unreadable"}.`,
    };
  }
  if (!isRecord(value)) return { ok: false, reason: "A workflow is a JSON object, in curly brackets." };
  if (Array.isArray(value.nodes) && isRecord(value.connections)) {
    return { ok: false, reason: "This is a workflow of n8n. It cannot be imported here yet." };
  }
  if (value.format !== 1) {
    return {
      ok: false,
      reason:
        value.format === undefined
          ? 'The file does not say its format; a workflow of Trunkline begins with "format": 1.'
          : `Format ${JSON.stringify(value.format)} is not known to this studio; it reads format 1.`,
    };
  }
  if (!isRecord(value.steps)) return { ok: false, reason: 'The file has no "steps".' };
  if (!Array.isArray(value.edges)) return { ok: false, reason: 'The file has no list of "edges".' };
  const name = typeof value.name === "string" && value.name.trim() ? value.name : "Imported workflow";
  return { ok: true, document: { ...value, name } as unknown as WorkflowDocument };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
