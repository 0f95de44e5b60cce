import type { AvailableData } from "../data/available";
import { parseTemplate } from "./parse";
import { pillOfHole } from "./pill";
import { FormulaChip, PillChip } from "./pill-chip";

interface TemplateTextProps {
  readonly value: string;
  readonly available: readonly AvailableData[];
  readonly placeholder?: string;
  readonly short?: boolean;
}

/** A template to look at: text with pills. Also stands in while the editor is being loaded. */
export function TemplateText({ value, available, placeholder = "", short = false }: TemplateTextProps) {
  return (
    <span className="min-w-0 flex-1 py-[2px] leading-[22px] break-words whitespace-pre-wrap">
      {value === "" ? <span className="text-faint">{placeholder}</span> : null}
      {parseTemplate(value).map((segment) => {
        if (segment.type === "text") return segment.text;
        const pill = pillOfHole(segment.inner, available);
        return pill ? (
          <PillChip key={segment.from} short={short} pill={pill} />
        ) : (
          <FormulaChip key={segment.from} inner={segment.inner} />
        );
      })}
    </span>
  );
}
