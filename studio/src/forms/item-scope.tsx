import { type ReactNode, useMemo } from "react";
import type { AvailableData } from "./data/available";
import { follow } from "./data/follow";
import { FormScopeProvider, useFormScope } from "./scope";
import { soleReference } from "./template/parse";

interface ItemScopeProps {
  /** The expression of the list the step works through. */
  readonly list: unknown;
  readonly children: ReactNode;
}

/** Fields inside see `item`: one entry of the list, with the sample's first entry as its value. */
export function ItemScope({ list, children }: ItemScopeProps) {
  const outer = useFormScope();
  const { available, context } = outer;
  const sample = useMemo(() => firstOf(list, context), [list, context]);
  const inner = useMemo(() => {
    const item: AvailableData = {
      path: ["item"],
      title: "Item of the list",
      category: "plain",
      icon: "list",
      sample,
      origin: sample === undefined ? "none" : "example",
    };
    return [item, ...available.filter((root) => root.path[0] !== "item")];
  }, [available, sample]);
  const innerContext = useMemo(
    () => (sample === undefined ? context : { ...context, item: sample }),
    [context, sample],
  );
  return (
    <FormScopeProvider {...outer} available={inner} context={innerContext}>
      {children}
    </FormScopeProvider>
  );
}

interface KnownItemProps {
  readonly title?: string;
  /** `undefined` while nothing is known of it. */
  readonly sample?: unknown;
  readonly children: ReactNode;
}

/** Fields inside see `item`, which is something else than an entry of a list. */
export function KnownItem({ title = "Item", sample, children }: KnownItemProps) {
  const outer = useFormScope();
  const { available, context } = outer;
  const inner = useMemo((): AvailableData[] => {
    const origin = sample === undefined || sample === null ? "none" : "example";
    const item: AvailableData = { path: ["item"], title, category: "plain", icon: "loop", sample, origin };
    return [item, ...available.filter((root) => root.path[0] !== "item")];
  }, [available, title, sample]);
  const innerContext = useMemo(
    () => (sample === undefined || sample === null ? context : { ...context, item: sample }),
    [context, sample],
  );
  return (
    <FormScopeProvider {...outer} available={inner} context={innerContext}>
      {children}
    </FormScopeProvider>
  );
}

/** Only a plain path can be looked up here; the server alone evaluates expressions. */
function firstOf(list: unknown, context: object): unknown {
  const reference = typeof list === "string" ? soleReference(list) : null;
  const found = reference && reference.filters.length === 0 ? follow(context, reference.path) : undefined;
  return Array.isArray(found) ? found[0] : undefined;
}
