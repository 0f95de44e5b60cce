import type { Told } from "@/api";
import { ErrorCode, Icon } from "@/ui";

/** Inside a dialog: what the server refused, and what to do about it. */
export function Refusal({ what, told }: { what: string; told: Told }) {
  return (
    <div role="alert" className="flex items-start gap-2 rounded-lg bg-bad-soft px-3 py-2 text-sm">
      <Icon name="error" className="text-bad" />
      <span>
        <b className="font-semibold">{what}</b> {told.detail || told.title} {told.action}{" "}
        {told.code ? <ErrorCode code={told.code} /> : null}
      </span>
    </div>
  );
}
