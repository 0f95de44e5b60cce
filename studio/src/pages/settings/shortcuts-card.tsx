import { COMMAND_KEY } from "@/app/rail";
import { Card, Kbd } from "@/ui";

const MOD = COMMAND_KEY.trim();
const ALT = MOD === "⌘" ? "⌥" : "Alt";

/** Chords as lists of keys. Those of the editor follow n8n, so that hands need not learn twice. */
const GROUPS: { title: string; rows: [string, string[]][] }[] = [
  {
    title: "Everywhere",
    rows: [
      ["Search and go to", [MOD, "K"]],
      ["Close what is open", ["Esc"]],
    ],
  },
  {
    title: "In lists",
    rows: [
      ["Next and previous row", ["↓", "↑"]],
      ["Open the row", ["Enter"]],
    ],
  },
  {
    title: "In the editor",
    rows: [
      ["Add a step", ["Tab"]],
      ["Open the chosen step", ["Enter"]],
      ["Undo", [MOD, "Z"]],
      ["Redo", [MOD, "Shift", "Z"]],
      ["Copy, cut, paste steps", [MOD, "C / X / V"]],
      ["Duplicate steps", [MOD, "D"]],
      ["Switch a step off or on", ["D"]],
      ["Choose all", [MOD, "A"]],
      ["Rename the step", ["F2"]],
      ["Delete steps", ["Delete"]],
      ["Tidy the layout", ["Shift", ALT, "T"]],
      ["Fit to the window", ["1"]],
      ["Zoom in, out, to 100%", ["+", "−", "0"]],
      ["Run the draft", [MOD, "Enter"]],
      ["Save now", [MOD, "S"]],
    ],
  },
];

export function ShortcutsCard() {
  return (
    <Card title="Keyboard">
      <div className="space-y-4">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1 text-xs font-semibold text-muted">{group.title}</h3>
            <dl className="grid gap-x-8 sm:grid-cols-2">
              {group.rows.map(([words, keys]) => (
                <div
                  key={words}
                  className="flex items-center justify-between gap-3 border-b border-border py-1.5"
                >
                  <dt>{words}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Card>
  );
}
