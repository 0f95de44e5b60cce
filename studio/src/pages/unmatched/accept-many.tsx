import { useState } from "react";
import type { AccountMatch } from "@/api";
import { percent } from "@/pages/accounts/words";
import { Button, Dialog, Field, Segmented } from "@/ui";
import { useDecide } from "./use-decide";

const LEVELS = [0.75, 0.7, 0.65, 0.6];

interface AcceptManyProps {
  items: readonly AccountMatch[];
  total: number;
  onClose: () => void;
}

/** Accepts the first suggestion of every lead that is sure enough. */
export function AcceptMany({ items, total, onClose }: AcceptManyProps) {
  const [level, setLevel] = useState(String(LEVELS[0]));
  const { decide } = useDecide(onClose);
  const from = Number(level);
  const sure = items.filter((item) => (item.suggestions[0]?.confidence ?? 0) >= from);
  const seen = items.length < total ? ` of the ${items.length} that are loaded` : "";
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Accept the surest"
      description="Each lead gets its first suggestion. You can take all of it back right after."
      width="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={decide.isPending}
            disabled={sure.length === 0}
            onClick={() =>
              decide.mutate({
                decision: "accept",
                all_from: from,
                said: `Accepted what is ${percent(from)} sure or more`,
              })
            }
          >
            Accept
          </Button>
        </>
      }
    >
      <Field label="How sure they have to be">
        {() => (
          <Segmented
            label="How sure they have to be"
            options={LEVELS.map((at) => ({ value: String(at), label: `${percent(at)}+` }))}
            value={level}
            onValueChange={setLevel}
          />
        )}
      </Field>
      <p className="mt-3" role="status">
        {sure.length === 0
          ? "No lead is that sure."
          : `${sure.length.toLocaleString("en")}${seen} ${sure.length === 1 ? "is" : "are"} that sure, at most 500 are accepted at once.`}
      </p>
      <ul className="mt-2 max-h-48 overflow-y-auto text-muted">
        {sure.slice(0, 50).map((item) => (
          <li key={item.lead.id} className="flex justify-between gap-3 py-0.5">
            <span className="truncate">
              {item.company ?? item.email ?? item.lead.name} → {item.suggestions[0]?.name}
            </span>
            <span className="tabular">{percent(item.suggestions[0]?.confidence ?? 0)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
