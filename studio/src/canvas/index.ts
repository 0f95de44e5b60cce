export { Canvas, type CanvasEdits, type CanvasHandle, type CanvasProps } from "./canvas";
export type { CanvasMode } from "./geometry";
export {
  type EdgeTraffic,
  type Overlay,
  type OverlayRun,
  type OverlayStep,
  overlayOfRun,
  type RunStatus,
  type StepStatus,
} from "./run-overlay";
export { completedPositions, tidyPositions } from "./tidy";
export { timeWords } from "./time-words";
export { KIND_MIME } from "./use-kind-drop";
