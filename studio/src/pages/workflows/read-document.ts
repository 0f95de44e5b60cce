import type { WorkflowDocument } from "@/api";

type ReadResult =
  | { ok: true; document: WorkflowDocument }
  /** `code` is the one under which the server would refuse it. */
  | { ok: false; reason: string; code: "API-0002" | "API-0005" | "DOC-0001" };

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
      reason: `This is not JSON: ${error instanceof Error ? error.message : "unreadable"}. Copy the whole file, from its first to its last curly bracket.`,
      code: "API-0002",
    };
  }
  if (!isRecord(value))
    return { ok: false, reason: "A workflow is a JSON object, in curly brackets.", code: "API-0005" };
  if (Array.isArray(value.nodes) && isRecord(value.connections)) {
    return {
      ok: false,
      reason: "This is a workflow of n8n. It cannot be imported here yet.",
      code: "DOC-0001",
    };
  }
  if (value.format !== 1) {
    return {
      ok: false,
      reason:
        value.format === undefined
          ? 'The file does not say its format; a workflow of Trunkline begins with "format": 1.'
          : `Format ${JSON.stringify(value.format)} is not known to this studio; it reads format 1.`,
      code: "DOC-0001",
    };
  }
  if (!isRecord(value.steps)) return { ok: false, reason: 'The file has no "steps".', code: "API-0005" };
  if (!Array.isArray(value.edges))
    return { ok: false, reason: 'The file has no list of "edges".', code: "API-0005" };
  const name = typeof value.name === "string" && value.name.trim() ? value.name : "Imported workflow";
  return { ok: true, document: { ...value, name } as unknown as WorkflowDocument };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
