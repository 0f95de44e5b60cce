import { clsx } from "clsx";
import type { RunVersion, Workflow } from "@/api";

export interface VersionOption {
  value: RunVersion;
  label: string;
  hint: string;
}

/** The versions a run can go on: the one it went on, the live one, the draft. Those that are the same are told once. */
export function versionsOf(
  run: { draft: boolean; version: number | null } | null,
  workflow: Workflow | undefined,
): VersionOption[] {
  const options: VersionOption[] = [];
  const live = workflow?.published_version ?? null;
  if (!run) options.push({ value: "same", label: "The version each ran on", hint: "as it was then" });
  else if (!run.draft && run.version !== null && run.version !== live) {
    options.push({ value: "same", label: `Version ${run.version}`, hint: "the one it ran on" });
  }
  if (live !== null) {
    const same = run !== null && !run.draft && run.version === live;
    options.push({
      value: same ? "same" : "current",
      label: `Version ${live}`,
      hint: same ? "the one it ran on, live now" : "live now",
    });
  }
  options.push({ value: "draft", label: "The draft", hint: "as it stands in the editor" });
  return options;
}

/** One version of a few, with what it is. */
export function VersionChoice({
  value,
  versions,
  onChoose,
}: {
  value: RunVersion;
  versions: readonly VersionOption[];
  onChoose: (version: RunVersion) => void;
}) {
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-semibold text-muted">On which version</legend>
      <div className="flex flex-col overflow-hidden rounded-lg border border-border">
        {versions.map((version) => (
          <label
            key={version.value}
            className={clsx(
              "flex items-center gap-2.5 border-b border-border px-3 py-2 last:border-b-0",
              version.value === value ? "bg-accent-soft" : "hover:bg-hover",
            )}
          >
            <input
              type="radio"
              name="version"
              className="accent-accent"
              checked={version.value === value}
              onChange={() => onChoose(version.value)}
            />
            <span className="font-medium">{version.label}</span>
            <span className="text-sm text-muted">{version.hint}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
