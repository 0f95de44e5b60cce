/** A port that leads nowhere yet: a short line, its words and a plus that adds the next step there. */
import { Icon } from "@/ui";
import { useCanvasActions } from "./canvas-actions";
import type { CardPort } from "./flow-model";
import { portPitch, portX } from "./geometry";

interface PortStubProps {
  step: string;
  title: string;
  port: CardPort;
  index: number;
  count: number;
}

export function PortStub({ step, title, port, index, count }: PortStubProps) {
  const { addAfter } = useCanvasActions();
  const words = count > 1 ? port.label : "";
  const where = words ? `${title}, ${words}` : title;
  return (
    <div
      className="canvas-stub absolute top-full flex flex-col items-center pt-1.5"
      style={{ left: portX(index, count) }}
    >
      <span aria-hidden className="h-2.5 w-[2px] bg-border-strong" />
      {words ? (
        <span
          className="truncate px-0.5 text-2xs leading-4 text-muted"
          style={{ maxWidth: portPitch(count) - 4 }}
          title={words}
        >
          {words}
        </span>
      ) : null}
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Add a step after ${where}`}
        title="Add a step here"
        onClick={(event) => {
          event.stopPropagation();
          addAfter(step, port.id);
        }}
        className="canvas-plus nodrag nopan"
      >
        <Icon name="plus" size={12} />
      </button>
    </div>
  );
}
