import { Select } from "radix-ui";
import { Icon } from "@/ui";
import { useFormScope } from "../scope";
import { OPERATOR_GROUPS, OPERATOR_WORDS, type Operator } from "./model";

interface OperatorSelectProps {
  readonly op: Operator;
  readonly label: string;
  readonly onChange: (op: Operator) => void;
}

/** The operators in words, in groups; quiet until it is used, so that a row reads as a sentence. */
export function OperatorSelect({ op, label, onChange }: OperatorSelectProps) {
  const { readOnly } = useFormScope();
  return (
    <Select.Root value={op} onValueChange={(next) => onChange(next as Operator)} disabled={readOnly}>
      <Select.Trigger
        aria-label={label}
        className="flex h-7 w-full min-w-0 items-center gap-1 rounded-md px-1.5 text-left text-sm text-muted hover:bg-hover hover:text-text data-[state=open]:bg-hover"
      >
        <span className="min-w-0 truncate">
          <Select.Value>{OPERATOR_WORDS[op].words}</Select.Value>
        </span>
        <Icon
          name="chevron-down"
          size={12}
          className="text-faint opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100"
        />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[min(380px,var(--radix-select-content-available-height))] animate-[ui-appear_0.12s] overflow-hidden rounded-lg border border-border bg-raised p-1 shadow-float"
        >
          <Select.Viewport>
            {OPERATOR_GROUPS.map((group) => (
              <Select.Group key={group.title}>
                <Select.Label className="px-2 pt-1.5 pb-0.5 text-2xs font-semibold text-faint">
                  {group.title}
                </Select.Label>
                {group.ops.map((option) => (
                  <Select.Item
                    key={option}
                    value={option}
                    className="flex h-7 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover"
                  >
                    <span className="flex-1">
                      <Select.ItemText>{OPERATOR_WORDS[option].words}</Select.ItemText>
                    </span>
                    <Select.ItemIndicator>
                      <Icon name="check" size={14} className="text-accent-text" />
                    </Select.ItemIndicator>
                  </Select.Item>
                ))}
              </Select.Group>
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}
