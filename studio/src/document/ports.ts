/** Which ports a step has. The rule comes from the descriptor, never from the studio's own knowledge of a kind. */
import { DEFAULT_PORT, ERROR_PORT, type PortDescriptor, type Step, type StepKind } from "./types";

/** The way out of a step with cases when none fits, unless its kind names another. */
const DEFAULT_CASE = "default";

/** Only triggers start by themselves; everything else is reached through its one in-port. */
export function hasInPort(kind: StepKind | undefined): boolean {
  return kind?.category !== "trigger";
}

/** The out-ports of a step in the order they are drawn, left to right. */
export function outPorts(step: Step, kind: StepKind | undefined): PortDescriptor[] {
  const ports = kind ? portsOfRule(step, kind) : [{ id: DEFAULT_PORT, label: "" }];
  if (step.on_error !== "branch") return ports;
  return [...ports, { id: ERROR_PORT, label: "when it fails" }];
}

/** The port through which a step usually goes on: where an added step is attached. */
export function mainPort(step: Step, kind: StepKind | undefined): string | null {
  return outPorts(step, kind)[0]?.id ?? null;
}

function portsOfRule(step: Step, kind: StepKind): PortDescriptor[] {
  if (kind.ports.rule === "fixed") return kind.ports.ports;
  if (kind.ports.rule === "with") {
    const set = step.config[kind.ports.field];
    return set === undefined || set === null ? kind.ports.ports : [...kind.ports.ports, ...kind.ports.more];
  }
  // Left out, the list is the one a fresh step starts with.
  const cases = step.config[kind.ports.field] ?? kind.default_config[kind.ports.field];
  const listed = Array.isArray(cases) ? cases.flatMap(portOfCase) : [];
  return [...listed, { id: kind.ports.default_port ?? DEFAULT_CASE, label: kind.ports.default_label }];
}

function portOfCase(entry: unknown): PortDescriptor[] {
  if (typeof entry !== "object" || entry === null || !("id" in entry) || typeof entry.id !== "string")
    return [];
  const label = "label" in entry && typeof entry.label === "string" ? entry.label : "";
  return [{ id: entry.id, label }];
}
