import type { Rulebook } from "@/api";
import { Chip } from "@/ui";

/** How a rulebook stands: a draft, in force, or in force with a draft that says something else. */
export function VersionChip({ book }: { book: Rulebook }) {
  if (book.version === null) return <Chip tone="warn">Draft</Chip>;
  return book.changed ? (
    <Chip tone="warn">v{book.version} in force, draft changed</Chip>
  ) : (
    <Chip tone="ok">v{book.version} in force</Chip>
  );
}
