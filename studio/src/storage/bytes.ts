/** Sizes as people say them, in units of 1,000 as discs are sold. */
const UNITS = ["bytes", "KB", "MB", "GB", "TB"] as const;

/** "0 bytes", "12.4 MB", "3 GB". */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1000;
    at += 1;
  }
  const digits = at === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString("en", { maximumFractionDigits: digits })} ${UNITS[at]}`;
}

/** What the server takes as the smallest budget: below it even an empty database is too large. */
const SMALLEST = 16 * 1024 * 1024;

/** Gigabytes as typed to bytes; null when it is no size, or too small to be one. */
export function gigabytes(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  const bytes = Math.round(value * 1e9);
  return text.trim() !== "" && Number.isFinite(value) && bytes >= SMALLEST ? bytes : null;
}
