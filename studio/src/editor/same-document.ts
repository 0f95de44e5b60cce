/** Whether two documents are the same as JSON, whatever the order of their keys. */
export function sameDocument(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((entry, index) => sameDocument(entry, right[index]));
  }
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(right)) return false;
  const mine = present(left);
  const other = present(right);
  return (
    mine.length === other.length &&
    mine.every(([key, value]) => sameDocument(value, (right as Record<string, unknown>)[key]))
  );
}

/** A key that holds `undefined` is not there once written as JSON. Neither is an option at its default `null`. */
function present(record: object): [string, unknown][] {
  return Object.entries(record).filter(([, value]) => value !== undefined && value !== null);
}
