/** The shortest password the server takes, in characters. */
export const SHORTEST = 10;

export interface Strength {
  /** 0 (too short) to 4. */
  level: 0 | 1 | 2 | 3 | 4;
  words: string;
}

const COMMON = /password|qwerty|12345|letmein|welcome|trunkline|admin/i;

/**
 * A hint, not a gate: length counts most, then variety; well-known words count against it. The server alone decides
 * what it takes.
 */
export function strengthOf(password: string, email = ""): Strength {
  if (password.length < SHORTEST) {
    const missing = SHORTEST - password.length;
    return { level: 0, words: `${missing} more character${missing === 1 ? "" : "s"} at least` };
  }
  const name = email.split("@")[0] ?? "";
  const hasName = name.length >= 3 && password.toLowerCase().includes(name.toLowerCase());
  if (COMMON.test(password) || hasName || new Set(password).size < 5) {
    return { level: 1, words: "Easy to guess: avoid names, common words and repetition" };
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length;
  if (password.length >= 16 || (password.length >= 12 && kinds >= 3)) return { level: 4, words: "Strong" };
  if (password.length >= 12 || kinds >= 3) return { level: 3, words: "Good" };
  return { level: 2, words: "Fair: a few more words make it strong" };
}
