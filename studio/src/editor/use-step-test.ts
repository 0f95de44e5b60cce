/** Runs one step with the data known so far and keeps what came out. */
import { useState } from "react";
import { api, type StepContext } from "@/api";
import { sayError } from "@/app/say-error";
import type { DataContext } from "@/document/available-data";
import type { StepId } from "@/document/types";
import { useEditor } from "./editor-context";

export function useStepTest(id: StepId) {
  const { workflow, documents, session } = useEditor();
  const [running, setRunning] = useState(false);
  const run = async (context: DataContext) => {
    setRunning(true);
    try {
      const document = documents.getState().history.document;
      const test = await api.testStep(workflow, id, { document, context: context satisfies StepContext });
      session.getState().keepTest(id, test);
      if (test.status === "done" && test.output !== undefined)
        session.getState().learn({ [id]: test.output });
      session.getState().patch({ tab: "output" });
    } catch (error) {
      sayError("The step was not tested")(error);
    } finally {
      setRunning(false);
    }
  };
  return { running, run };
}
