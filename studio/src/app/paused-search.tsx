/** A search field for lists that the server searches. */
import { useEffect, useRef, useState } from "react";
import { SearchInput } from "@/ui";

/** Milliseconds without a key press before the list is asked for. */
const TYPING_PAUSE = 250;

interface PausedSearchProps {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Holds what is typed and passes it on after a pause, so that each letter is not a request. */
export function PausedSearch({ label, value, onSearch }: PausedSearchProps) {
  const [text, setText] = useState(value);
  const send = useRef(onSearch);
  send.current = onSearch;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => send.current(text.trim()), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text, value]);
  return <SearchInput value={text} onValueChange={setText} label={label} className="w-full max-w-80" />;
}
