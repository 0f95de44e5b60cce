/** A way drawn on its document. A chunk of its own: it brings the canvas along. */
import { useMemo, useState } from "react";
import { Canvas } from "@/canvas";
import type { StepId, StepKinds } from "@/document/types";
import { useNamedThings } from "@/editor/use-named-things";
import { overlayOfPath } from "./path";
import type { Way } from "./ways";

const ROOT: StepId[] = [];

export default function PathDrawing({ label, path, document, kinds }: Way & { kinds: StepKinds }) {
  const { statuses, traffic } = useMemo(() => overlayOfPath(path, document), [path, document]);
  const [selection, setSelection] = useState<StepId[]>([]);
  const named = useNamedThings();
  return (
    <div className="relative h-[520px] overflow-hidden rounded-lg border border-border">
      <Canvas
        document={document}
        kinds={kinds}
        path={ROOT}
        mode="run"
        label={label}
        selection={selection}
        onSelect={setSelection}
        statuses={statuses}
        traffic={traffic}
        named={named}
      />
    </div>
  );
}
