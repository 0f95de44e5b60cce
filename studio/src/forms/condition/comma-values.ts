/** Lists written as people write them: "Germany, France". */
import { useEffect, useState } from "react";

/** Splits at commas outside of `{{ }}` holes; empty parts are dropped. */
export function splitCommas(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const pair = text.slice(i, i + 2);
    if (pair === "{{") depth++;
    if (pair === "}}") depth = Math.max(0, depth - 1);
    if (text[i] === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else {
      part += text[i];
    }
  }
  return [...parts, part].map((item) => item.trim()).filter(Boolean);
}

/**
 * State that follows a value from outside, except while it means the same as what is being typed: "a, b," must not
 * lose its comma because the list it stands for is still `a, b`.
 */
export function useStateFollowing(text: string): [string, (text: string) => void] {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    setTyped((now) => (splitCommas(now).join(", ") === text ? now : text));
  }, [text]);
  return [typed, setTyped];
}
