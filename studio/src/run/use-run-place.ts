import { useLocation, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export type RunViewKind = "canvas" | "timeline" | "table";

/** Where one looks in a run. Kept behind the address's hash, so that a copied link opens the same place. */
export interface RunPlace {
  readonly view: RunViewKind;
  /** The step whose panel is open; empty for the one the run itself suggests. */
  readonly step: string;
  /** Round of a loop; empty for the workflow itself. */
  readonly frame: string;
}

const VIEWS: readonly RunViewKind[] = ["canvas", "timeline", "table"];

export function readPlace(hash: string): RunPlace {
  const read = new URLSearchParams(hash.replace(/^#/, ""));
  const view = VIEWS.find((kind) => kind === read.get("view")) ?? "canvas";
  return { view, step: read.get("step") ?? "", frame: read.get("frame") ?? "" };
}

export function writePlace({ view, step, frame }: RunPlace): string {
  const write = new URLSearchParams();
  if (view !== "canvas") write.set("view", view);
  if (step !== "") write.set("step", step);
  if (frame !== "") write.set("frame", frame);
  return write.toString();
}

export function useRunPlace(): [RunPlace, (change: Partial<RunPlace>) => void] {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const place = useMemo(() => readPlace(hash), [hash]);
  const move = useCallback(
    (change: Partial<RunPlace>) => {
      void navigate({
        to: ".",
        hash: writePlace({ ...place, ...change }),
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      });
    },
    [navigate, place],
  );
  return [place, move];
}
