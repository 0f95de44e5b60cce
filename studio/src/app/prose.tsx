/** The few marks that help texts of manifests use: paragraphs, `**strong**`, `*stressed*`, `code` and `<addresses>`. */
import { Fragment } from "react";

const MARKS = /(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`|<https:\/\/[^>\s]+>)/;

export function Prose({ text }: { text: string }) {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return (
    <div className="space-y-2">
      {paragraphs.map((paragraph) => (
        <p key={paragraph}>
          {parts(paragraph.replace(/\s*\n\s*/g, " ")).map(({ at, part }) => (
            <Fragment key={at}>{marked(part)}</Fragment>
          ))}
        </p>
      ))}
    </div>
  );
}

/** The pieces of a paragraph, each with where it begins. */
function parts(paragraph: string): { at: number; part: string }[] {
  let at = 0;
  return paragraph.split(MARKS).map((part) => {
    const piece = { at, part };
    at += part.length;
    return piece;
  });
}

function marked(part: string) {
  if (part.startsWith("**") && part.length > 4) return <strong>{part.slice(2, -2)}</strong>;
  if (part.startsWith("*") && part.length > 2) return <em>{part.slice(1, -1)}</em>;
  if (part.startsWith("`") && part.length > 2) return <code className="font-mono">{part.slice(1, -1)}</code>;
  if (part.startsWith("<https://")) {
    const address = part.slice(1, -1);
    return (
      <a href={address} target="_blank" rel="noreferrer" className="text-accent-text hover:underline">
        {address}
      </a>
    );
  }
  return part;
}
