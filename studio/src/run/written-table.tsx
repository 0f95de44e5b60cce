import type { Written } from "@/api";
import { inShort } from "@/forms";

/** What a step changed, old and new side by side. */
export function WrittenTable({ written }: { written: readonly Written[] }) {
  return (
    <table className="w-full table-fixed border-collapse text-sm">
      <thead className="visually-hidden">
        <tr>
          <th>Field</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        {written.map(({ label, old, new: now }) => (
          <tr key={label}>
            <th
              scope="row"
              className="w-[36%] border-b border-border px-2 py-1.5 text-left align-top font-normal"
            >
              {label}
            </th>
            <td className="w-[26%] border-b border-border px-2 py-1.5 align-top break-words text-muted">
              {valueInWords(old)}
            </td>
            <td className="border-b border-border px-2 py-1.5 align-top font-semibold break-words">
              {valueInWords(now)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueInWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number")) {
    return value.length === 0 ? "—" : value.join(", ");
  }
  return inShort(value, 120);
}
