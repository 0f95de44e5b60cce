/** Starting a job from a dialog: the draft is saved first, and its page opened. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Job, jobKeys, type Told, tell } from "@/api";

/** Saves what is still being typed; false when that did not work. */
export type SaveFirst = () => Promise<boolean>;

const NOT_SAVED: Told = {
  title: "",
  detail: "The draft has to be saved first, and that did not work yet.",
  action: "Wait until the page says “Saved”, then try again.",
};

export function useStart(saveFirst?: SaveFirst) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Told | null>(null);

  const start = async (begin: () => Promise<Job>) => {
    setBusy(true);
    setRefusal(null);
    try {
      if (saveFirst && !(await saveFirst())) return setRefusal(NOT_SAVED);
      const job = await begin();
      client.setQueryData(jobKeys.job(job.id), job);
      void client.invalidateQueries({ queryKey: jobKeys.list });
      await navigate({ to: "/jobs/$id", params: { id: job.id }, search: {} });
    } catch (error) {
      setRefusal(tell(error));
    } finally {
      setBusy(false);
    }
  };
  return { start, busy, refusal };
}
