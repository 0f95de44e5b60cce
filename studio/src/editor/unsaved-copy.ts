/**
 * Edits that have not reached the server, kept in the browser so that a closed tab or a dead battery loses nothing.
 * Removed as soon as the server has them.
 */
import type { WorkflowDocument } from "@/document/types";

export interface UnsavedCopy {
  document: WorkflowDocument;
  /** The server's revision the edits were made on. */
  base_revision: number;
}

export interface CopyStorage {
  read(): UnsavedCopy | null;
  write(copy: UnsavedCopy): void;
  clear(): void;
}

export function browserCopy(workflow: string, storage: Storage = window.localStorage): CopyStorage {
  const key = `trunkline.unsaved.${workflow}`;
  return {
    read() {
      try {
        const value: unknown = JSON.parse(storage.getItem(key) ?? "null");
        return isCopy(value) ? value : null;
      } catch {
        return null;
      }
    },
    write(copy) {
      try {
        storage.setItem(key, JSON.stringify(copy));
      } catch {
        // The quota is used up: the edits are still in memory, and the tab asks before it closes.
      }
    },
    clear: () => storage.removeItem(key),
  };
}

function isCopy(value: unknown): value is UnsavedCopy {
  return (
    typeof value === "object" &&
    value !== null &&
    "base_revision" in value &&
    typeof value.base_revision === "number" &&
    "document" in value &&
    typeof value.document === "object" &&
    value.document !== null &&
    "steps" in value.document
  );
}
