/** Connecting two steps without a mouse: which way out, and to which step. */
import { useState } from "react";
import { whyNotConnect } from "@/document/connection-rules";
import { outPorts } from "@/document/ports";
import { portWords } from "@/document/words";
import { Button, Combobox, Dialog, Field, Select } from "@/ui";
import { useEditor, useGraph, useSelectedStep } from "./editor-context";

export function ConnectDialog({ onClose }: { onClose(): void }) {
  const { kinds, actions } = useEditor();
  const graph = useGraph();
  const selected = useSelectedStep();
  const ports = selected ? outPorts(selected.step, kinds[selected.step.kind]) : [];
  const [port, setPort] = useState(ports[0]?.id ?? "");
  const [to, setTo] = useState("");
  if (!selected) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title="Connect to…"
        description="Select one step first, then connect it."
      />
    );
  }
  const kind = kinds[selected.step.kind];
  const targets = Object.entries(graph.steps).flatMap(([id, step]) => {
    const refusal = whyNotConnect(graph, kinds, selected.id, port, id);
    return refusal === null ? [{ value: id, label: step.title }] : [];
  });
  const connect = () => {
    if (actions.connect(selected.id, port, to)) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="small"
      title={`Connect “${selected.step.title}”`}
      description={ports.length === 0 ? "This step ends its path, so nothing can follow it." : undefined}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={to === ""} onClick={connect}>
            Connect
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {ports.length > 1 ? (
          <Field label="When">
            {(control) => (
              <Select
                {...control}
                value={port}
                onValueChange={(next) => {
                  setPort(next);
                  setTo("");
                }}
                options={ports.map((one) => ({
                  value: one.id,
                  label: portWords(selected.step, kind, one, { data: [] }) || one.id,
                }))}
              />
            )}
          </Field>
        ) : null}
        <Field
          label="To"
          help={targets.length === 0 ? "Every step that could follow is connected already." : undefined}
        >
          {(control) => (
            <Combobox
              {...control}
              value={to}
              onValueChange={setTo}
              options={targets}
              placeholder="Choose a step"
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
