/** Every shortcut, from the same table that runs them. */
import { Dialog, Kbd } from "@/ui";
import { keysHere, SHORTCUTS } from "./shortcuts";

const GROUPS = ["Build", "Steps", "Move around", "Workflow"] as const;

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Keyboard shortcuts" width="large">
      <div className="columns-2 gap-8">
        {GROUPS.map((group) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-semibold text-muted">{group}</h3>
            <dl>
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                <div
                  key={shortcut.words}
                  className="flex items-center gap-3 border-b border-border py-1.5 text-sm"
                >
                  <dt className="flex-1">{shortcut.words}</dt>
                  <dd>
                    <Kbd>{keysHere(shortcut.keys)}</Kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
