import { useState } from "react";
import type { ImportProblem } from "@/api";
import { Button, Icon } from "@/ui";
import { count } from "./words";

/** What of a document could not be used as it stands, folded until one wants to know. */
export function Problems({ problems, about }: { problems: readonly ImportProblem[]; about: string }) {
  const [open, setOpen] = useState(problems.length <= 2);
  if (problems.length === 0) return null;
  return (
    <div className="text-sm">
      <Button
        size="small"
        variant="ghost"
        className="-ml-2"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="info" size={14} /> {count(problems.length, "remark")} {about}
      </Button>
      {open ? (
        <ul className="mt-1 space-y-1">
          {problems.map((problem) => (
            <li key={`${problem.at}${problem.message}`} className="flex flex-col">
              <span>{problem.message}</span>
              <code className="font-mono text-xs break-all text-muted">
                {problem.line ? `line ${problem.line} ` : ""}
                {problem.at}
              </code>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
