import { Link } from "@tanstack/react-router";
import { Button, Icon } from "@/ui";
import { useItemKeys } from "./use-item";

interface ItemFooterProps {
  previous: number | null;
  next: number | null;
  onOpen: (seq: number) => void;
  /** The run of the past it is about. */
  run: string | null;
}

/** The way from one item to the next, and to the run it came from. */
export function ItemFooter({ previous, next, onOpen, run }: ItemFooterProps) {
  useItemKeys(previous, next, onOpen);
  return (
    <>
      <Button
        variant="ghost"
        icon="arrow-up"
        kbd="K"
        disabled={previous === null}
        onClick={() => previous !== null && onOpen(previous)}
      >
        Previous
      </Button>
      <Button
        variant="ghost"
        icon="arrow-down"
        kbd="J"
        disabled={next === null}
        onClick={() => next !== null && onOpen(next)}
      >
        Next
      </Button>
      <span className="flex-1" />
      {run ? (
        <Link
          to="/runs/$id"
          params={{ id: run }}
          className="flex items-center gap-1 rounded-sm font-medium text-accent-text hover:underline"
        >
          Open the run
          <Icon name="arrow-right" size={14} />
        </Link>
      ) : null}
    </>
  );
}
