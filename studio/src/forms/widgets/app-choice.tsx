/**
 * One of what the customer has in a connected app, such as a list, a person or a field, picked by what people call it. The
 * document keeps the app's own name for it; without an answer of the app, the name can be typed.
 */
import { useKnownFields } from "./app-fields-known";
import { Picker } from "./pickers";
import type { WidgetProps } from "./widget";

export function AppChoiceWidget(props: WidgetProps) {
  const { field, siblings, onChange } = props;
  const known = useKnownFields(field, siblings, "choice");
  return (
    <div className="flex flex-col gap-1.5">
      <Picker
        {...props}
        options={known.items.map(({ name, label }) => ({
          value: name,
          label,
          hint: label === name ? "" : name,
        }))}
        failed={false}
        placeholder="Choose…"
        emptyText="Nothing matches."
        onCreate={onChange}
        createLabel={(name) => `Use “${name}”, a name ${known.app} knows`}
      />
      {known.line}
    </div>
  );
}
