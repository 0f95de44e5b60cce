/** The value at a path inside a value; `undefined` where the path leads nowhere. */
export function follow(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at !== null && typeof at === "object" ? (at as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}
