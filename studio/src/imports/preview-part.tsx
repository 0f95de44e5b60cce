import { clsx } from "clsx";
import { useState } from "react";
import { FATES, type Fate, type ImportCounts, type ImportPreview, type PreviewSample } from "@/api";
import { Card, Cell, Chip, HeadCell, Row, Table } from "@/ui";
import { count, FATE_WORDS, shown } from "./words";

/** How many rows meet which fate; one can be chosen. */
export function Counts({
  counts,
  chosen,
  onChoose,
}: {
  counts: ImportCounts;
  chosen?: Fate;
  onChoose?: (fate: Fate) => void;
}) {
  return (
    <ul
      className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-6"
      aria-label="Rows by what becomes of them"
    >
      {FATES.map((fate) => {
        const { label, help, tone } = FATE_WORDS[fate];
        const figure = (
          <>
            <span
              className={clsx(
                "block text-xl font-semibold tabular",
                counts[fate] === 0 ? "text-faint" : tone === "bad" ? "text-bad" : "text-text",
              )}
            >
              {count(counts[fate])}
            </span>
            <span className="block text-sm text-muted">{label}</span>
          </>
        );
        const look = "block w-full rounded-xl border px-3 py-2.5 text-left";
        return (
          <li key={fate} title={help}>
            {onChoose ? (
              <button
                type="button"
                aria-pressed={chosen === fate}
                onClick={() => onChoose(fate)}
                className={clsx(
                  look,
                  chosen === fate
                    ? "border-accent bg-accent-soft"
                    : "border-border bg-surface hover:bg-hover",
                )}
              >
                {figure}
              </button>
            ) : (
              <div className={clsx(look, "border-border bg-surface")}>{figure}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What the import would do: the counts, samples of each fate, reasons and cleanings. */
export function PreviewPart({ preview }: { preview: ImportPreview }) {
  const first = FATES.find((fate) => preview.counts[fate] > 0) ?? "created";
  const [fate, setFate] = useState<Fate>(first);
  const samples = preview.samples[fate] ?? [];
  return (
    <>
      <Counts counts={preview.counts} chosen={fate} onChoose={setFate} />
      <Card
        title={FATE_WORDS[fate].label}
        subtitle={
          samples.length < preview.counts[fate]
            ? `the first ${samples.length} of ${count(preview.counts[fate])}`
            : FATE_WORDS[fate].help
        }
        flush
      >
        {samples.length === 0 ? (
          <p className="px-4 pb-4 text-muted">No row.</p>
        ) : (
          <div className="overflow-x-auto">
            <Table aria-label={`Rows: ${FATE_WORDS[fate].label}`}>
              <thead>
                <tr>
                  <HeadCell numeric>Line</HeadCell>
                  <HeadCell>Row</HeadCell>
                  <HeadCell>{fate === "failed" || fate === "skipped" ? "Why" : "What changes"}</HeadCell>
                </tr>
              </thead>
              <tbody>
                {samples.map((sample) => (
                  <SampleRow key={sample.row} sample={sample} />
                ))}
              </tbody>
            </Table>
          </div>
        )}
      </Card>
      <div className="grid gap-4 lg:grid-cols-2">
        {preview.reasons.length > 0 ? (
          <Card title="Why rows are left out">
            <ul className="divide-y divide-border">
              {preview.reasons.map((reason) => (
                <li key={reason.reason} className="flex gap-3 py-1.5">
                  <span className="w-16 shrink-0 text-right font-medium tabular">{count(reason.count)}</span>
                  <span>
                    {reason.reason}
                    <span className="block text-sm text-muted">Line {reason.lines.join(", ")}</span>
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
        {preview.cleaned.length > 0 ? (
          <Card title="What is cleaned">
            <ul className="divide-y divide-border">
              {preview.cleaned.map((clean) => (
                <li key={`${clean.field} ${clean.why}`} className="flex gap-3 py-1.5">
                  <span className="w-16 shrink-0 text-right font-medium tabular">{count(clean.count)}</span>
                  <span className="min-w-0">
                    {clean.field}: {clean.why}
                    <span className="block truncate text-sm text-muted">
                      {clean.examples
                        .slice(0, 3)
                        .map((example) => `${shown(example.old)} → ${shown(example.new)}`)
                        .join(" · ")}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
        {preview.flags.length > 0 ? (
          <Card title="Worth a look">
            <ul className="divide-y divide-border">
              {preview.flags.map((flag) => (
                <li key={`${flag.field} ${flag.flag}`} className="flex gap-3 py-1.5">
                  <span className="w-16 shrink-0 text-right font-medium tabular">{count(flag.count)}</span>
                  <span className="min-w-0">
                    {flag.field} {flag.words}
                    <span className="block truncate text-sm text-muted">
                      {flag.examples
                        .slice(0, 3)
                        .map((example) =>
                          example.meant
                            ? `${shown(example.value)} (${example.meant}?)`
                            : shown(example.value),
                        )
                        .join(" · ")}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        ) : null}
      </div>
    </>
  );
}

function SampleRow({ sample }: { sample: PreviewSample }) {
  const fields = Object.entries(sample.fields);
  const changes = Object.entries(sample.changes);
  return (
    <Row>
      <Cell numeric className="align-top text-muted">
        {sample.line}
      </Cell>
      <Cell className="max-w-[380px] align-top">
        {fields.length === 0 ? <span className="text-faint">nothing that can be used</span> : null}
        <span className="block truncate font-medium">
          {fields
            .slice(0, 3)
            .map(([, value]) => shown(value))
            .join(", ")}
        </span>
        <span className="block truncate text-muted">
          {fields
            .slice(3, 8)
            .map(([name, value]) => `${name}: ${shown(value)}`)
            .join(" · ")}
        </span>
      </Cell>
      <Cell className="align-top">
        {sample.why ? <span className="block">{sample.why}</span> : null}
        {changes.map(([name, [old, now]]) => (
          <span key={name} className="block">
            <Chip>{name}</Chip> <s className="text-muted">{shown(old)}</s> → {shown(now)}
          </span>
        ))}
        {changes.length === 0
          ? sample.cleaned.slice(0, 4).map((clean) => (
              <span key={clean.field} className="block text-muted">
                {clean.field}: {shown(clean.old)} → {shown(clean.new)}
              </span>
            ))
          : null}
      </Cell>
    </Row>
  );
}
