import { tell } from "@/api";
import { toast } from "@/ui";

/** Tells in a toast that something the user asked for did not happen: `onError: sayError("The pool was not saved")`. */
export function sayError(what: string): (error: unknown) => void {
  return (error) => {
    const told = tell(error);
    toast({
      tone: "bad",
      title: what,
      description: [told.detail || told.title, told.action].filter(Boolean).join(" "),
      ...(told.code ? { code: told.code } : {}),
    });
  };
}
