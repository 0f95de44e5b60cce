import { COMMAND_KEY } from "@/app/rail";
import { keysHere, SHORTCUTS } from "@/editor/shortcuts";
import { Card, Kbd } from "@/ui";

interface Line {
  words: string;
  keys: string;
}

const EVERYWHERE: Line[] = [
  { words: "Search and go to", keys: `${COMMAND_KEY}K` },
  { words: "Close what is open", keys: "Esc" },
];

const IN_LISTS: Line[] = [
  { words: "Next and previous row", keys: "↓ ↑" },
  { words: "Open the row", keys: "Enter" },
];

const IN_INBOX: Line[] = [
  { words: "Next and previous question", keys: "J K" },
  { words: "Give the first, second, third answer", keys: "1 2 3" },
];

/** Every shortcut; those of the editor come from the table that runs them. */
export function ShortcutsCard() {
  const editor = SHORTCUTS.map(({ words, keys }) => ({ words, keys: keysHere(keys) }));
  return (
    <Card title="Keyboard">
      <div className="space-y-4">
        <Group title="Everywhere" lines={EVERYWHERE} />
        <Group title="In lists" lines={IN_LISTS} />
        <Group title="In the inbox" lines={IN_INBOX} />
        <Group title="In the editor" lines={editor} />
      </div>
    </Card>
  );
}

function Group({ title, lines }: { title: string; lines: Line[] }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
      <dl className="grid gap-x-8 sm:grid-cols-2">
        {lines.map(({ words, keys }) => (
          <div key={words} className="flex items-center justify-between gap-3 border-b border-border py-1.5">
            <dt>{words}</dt>
            <dd>
              <Kbd>{keys}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
