import { useQueryClient } from "@tanstack/react-query";
import { duplicateKeys, duplicatesApi } from "@/api";
import { sayError } from "@/app/say-error";
import { toast } from "@/ui";

/** Takes a merge back and says what stayed because it had changed since. */
export function useTakeBack(): (merge: string) => Promise<void> {
  const client = useQueryClient();
  return async (merge) => {
    try {
      const { kept } = await duplicatesApi.undo(merge);
      toast({
        tone: "ok",
        title: "The merge was taken back",
        ...(kept.length > 0 ? { description: `Changed since and kept: ${kept.join(", ")}.` } : {}),
      });
    } catch (error) {
      sayError("The merge was not taken back")(error);
    }
    await Promise.all([
      client.invalidateQueries({ queryKey: duplicateKeys.all }),
      client.invalidateQueries({ queryKey: ["lead"] }),
      client.invalidateQueries({ queryKey: ["leads"] }),
    ]);
  };
}
