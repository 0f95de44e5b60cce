/** What a run looks like on the canvas: what came out of each step in few words, and which way it went. */
import type { RunView, StepView } from "@/api";
import { type EdgeTraffic, overlayOfRun, type StepStatus } from "@/canvas";
import { bodyRuleOf, roundsInWords } from "@/document/body-words";
import { edgeKey, findStep, graphAt, portOf } from "@/document/graph";
import type { StepId, StepKinds } from "@/document/types";
import { countOfRounds, pathOfFrame, roundsOf } from "./frames";
import { outcomeInWords, tookInWords } from "./run-words";
import { resultInShort } from "./why";

export interface RunOverlay {
  readonly statuses: Record<StepId, StepStatus>;
  readonly traffic: Record<string, EdgeTraffic>;
}

/** Statuses and traffic of one frame: `""` for the workflow itself, `each_row[3]` for one round of a loop. */
export function overlayOf(run: RunView, frame: string, kinds: StepKinds): RunOverlay {
  const now = new Date();
  const { statuses, traffic } = overlayOfRun(run, frame);
  const here = run.steps.filter((step) => step.frame === frame);
  const told = Object.fromEntries(
    here.map((step) => [step.step, tellStep(run, kinds, statuses[step.step], step, now)]),
  );
  return { statuses: told, traffic: frame === "" ? traffic : trafficOfRound(run, frame, here) };
}

function tellStep(
  run: RunView,
  kinds: StepKinds,
  plain: StepStatus | undefined,
  step: StepView,
  now: Date,
): StepStatus {
  const rounds = roundsOnCard(run, step, kinds);
  const summary = rounds ?? resultInShort(step) ?? plain?.summary;
  // A loop's footer already holds the way into its body.
  const took = step.status === "skipped" || rounds ? "" : tookInWords(step);
  const { time: _, ...rest } = plain ?? {};
  return {
    ...rest,
    status: step.status,
    words: outcomeInWords(step, now),
    ...(summary ? { summary } : {}),
    ...(took ? { time: took } : {}),
  };
}

/** "12 items, 1 failed" on the card of a loop. */
function roundsOnCard(run: RunView, step: StepView, kinds: StepKinds): string | null {
  const rounds = roundsOf(run, step.step, step.frame);
  const rule = bodyRuleOf(findStep(run.document, step.step)?.step, kinds);
  if (rounds.length === 0 || rule === "once") return null;
  const failed = rounds.filter((round) => round.status === "failed").length;
  const count = countOfRounds(run, rounds);
  const items = roundsInWords(count, rule);
  return failed > 0 ? `${items}, ${failed} failed` : items;
}

/** A run counts its edges over all rounds; of one round the steps tell which way it went. */
function trafficOfRound(run: RunView, frame: string, here: readonly StepView[]): Record<string, EdgeTraffic> {
  const graph = graphAt(run.document, pathOfFrame(frame));
  const ran = new Map(here.map((step) => [step.step, step]));
  const reached = (step: StepView | undefined) =>
    step !== undefined && step.status !== "skipped" && step.status !== "pending";
  return Object.fromEntries(
    (graph?.edges ?? []).map((edge) => {
      const from = ran.get(edge.from);
      const taken =
        from?.status === "done" && (from.port ?? "out") === portOf(edge) && reached(ran.get(edge.to));
      return [edgeKey(edge), { count: taken ? 1 : 0 }];
    }),
  );
}
