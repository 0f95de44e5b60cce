import { clsx } from "clsx";
import type { Preview } from "@/api";
import { ErrorCode, Icon } from "@/ui";
import { inShort } from "../data/available";
import { useFormScope } from "../scope";
import { sentence } from "../sentence";
import { parseReference, parseTemplate } from "../template/parse";
import { pillInWords, pillOf } from "../template/pill";
import { usePreview } from "./use-preview";

const TYPE_WORDS: Record<NonNullable<Preview["type"]>, string> = {
  text: "text",
  number: "number",
  yes_no: "yes or no",
  list: "list",
  record: "record",
  empty: "empty",
};

interface PreviewLineProps {
  readonly template: string;
  readonly id?: string;
  /** Shows problems only, for fields that are not in use. */
  readonly quiet?: boolean;
  /** In a row, where the pill just above already names what is missing. */
  readonly brief?: boolean;
}

/** What a template gives with the sample data, right under its field; what is missing is said, never hidden. */
export function PreviewLine({ template, id, quiet = false, brief = false }: PreviewLineProps) {
  const { available, context } = useFormScope();
  const state = usePreview(template);
  if (state.status === "none") return <span id={id} />;
  if (state.status === "asking" && !state.preview) {
    return quiet ? (
      <span id={id} />
    ) : (
      <Line id={id} className="text-faint">
        …
      </Line>
    );
  }
  if (state.status === "failed") {
    return quiet ? (
      <span id={id} />
    ) : (
      <Line id={id} className="text-muted">
        No preview: the server did not answer.
      </Line>
    );
  }
  const preview = state.preview;
  if (!preview) return <span id={id} />;
  if (!preview.ok) {
    return (
      <Line id={id} className="text-bad" icon="error">
        {sentence(preview.error?.message ?? "This expression cannot be read")}{" "}
        {sentence(preview.error?.action ?? "")}{" "}
        {preview.error ? <ErrorCode code={preview.error.code} /> : null}
      </Line>
    );
  }
  // One hole that gives something in spite of it has an alternative or a default for what is missing.
  const isFilled = preview.type !== "empty" && isSoleHole(template);
  const missing = (isFilled ? [] : preview.missing).map((path) => missingInWords(path, template, available));
  const isOfItem = (path: string) => /^item\b/.test(path);
  if (missing.length > 0 && context.item === undefined && preview.missing.every(isOfItem)) {
    return (
      <Line id={id} className="text-muted">
        No sample of an item yet; its value shows once the list has one.
      </Line>
    );
  }
  if (missing.length > 0 && brief && preview.type === "empty") {
    return (
      <Line id={id} className="text-warn" icon="warning">
        Not in the sample: comes out empty.
      </Line>
    );
  }
  if (missing.length > 0) {
    return (
      <Line id={id} className="text-warn" icon="warning">
        Missing in the sample: {missing.join(", ")}. {preview.type === "empty" ? "It comes out empty." : null}
        {preview.type !== "empty" && !quiet ? <> It gives “{inShort(preview.value, 80)}”.</> : null}
      </Line>
    );
  }
  if (quiet) return <span id={id} />;
  return (
    <Line id={id} className="text-muted">
      <span aria-hidden className="text-faint">
        ={" "}
      </span>
      <span className="visually-hidden">With the sample: </span>
      <span className="text-text">{inShort(preview.value, 90)}</span>
      {preview.type ? <span className="ml-1.5 text-faint">{TYPE_WORDS[preview.type]}</span> : null}
    </Line>
  );
}

function Line(props: {
  id?: string | undefined;
  className: string;
  icon?: "error" | "warning";
  children: React.ReactNode;
}) {
  return (
    <p id={props.id} className={clsx("mt-1 flex items-start gap-1 text-xs leading-4", props.className)}>
      {props.icon ? <Icon name={props.icon} size={13} className="mt-[1.5px]" /> : null}
      <span className="min-w-0 break-words">{props.children}</span>
    </p>
  );
}

/** The server names what is missing by path; people know it by its pill. */
function missingInWords(path: string, template: string, available: Parameters<typeof pillOf>[1]): string {
  const reference = parseReference(path) ?? onlyReference(template);
  return reference ? `“${pillInWords(pillOf({ ...reference, filters: [] }, available))}”` : path;
}

function isSoleHole(template: string): boolean {
  const segments = parseTemplate(template.trim());
  return segments.length === 1 && segments[0]?.type === "hole";
}

function onlyReference(template: string) {
  const holes = parseTemplate(template).filter((segment) => segment.type === "hole");
  const [only] = holes;
  return holes.length === 1 && only?.type === "hole" ? parseReference(only.inner) : null;
}
