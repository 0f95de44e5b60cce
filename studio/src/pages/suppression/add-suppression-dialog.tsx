import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { type SuppressionReason, suppressionKeys, suppressionsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, Select, toast } from "@/ui";
import { REASONS } from "./reason-words";

/** Notes by hand that somebody must not be written to. */
export function AddSuppressionDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const client = useQueryClient();
  const [address, setAddress] = useState("");
  const [reason, setReason] = useState<SuppressionReason>("opted_out");
  const [source, setSource] = useState("");
  useEffect(() => {
    if (open) setAddress("");
  }, [open]);
  const add = useMutation({
    mutationFn: () => suppressionsApi.add({ address: address.trim(), reason, source: source.trim() }),
    onSuccess: async (done) => {
      onOpenChange(false);
      await client.invalidateQueries({ queryKey: suppressionKeys.all });
      toast({
        tone: "ok",
        title: done.added
          ? `${done.address} is not written to any more`
          : `${done.address} was suppressed already`,
      });
    },
    onError: sayError("The address was not suppressed"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim()) add.mutate();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Suppress an address"
      description="It holds at once, in every workflow, for every lead that has the address now or later."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form="add-suppression"
            variant="primary"
            busy={add.isPending}
            disabled={!address.trim()}
          >
            Suppress
          </Button>
        </>
      }
    >
      <form id="add-suppression" onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Address"
          help="An e-mail address, a telephone number with its country code, or a domain such as example.com to close all of it."
        >
          {(control) => (
            <Input {...control} value={address} onChange={(event) => setAddress(event.target.value)} />
          )}
        </Field>
        <Field label="Because" help={REASONS.find(({ value }) => value === reason)?.hint}>
          {(control) => (
            <Select
              {...control}
              value={reason}
              options={REASONS.map(({ value, label }) => ({ value, label }))}
              onValueChange={(next) => setReason(next as SuppressionReason)}
            />
          )}
        </Field>
        <Field label="Source" help="Kept as evidence, such as “Letter of 3 March”.">
          {(control) => (
            <Input {...control} value={source} onChange={(event) => setSource(event.target.value)} />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
