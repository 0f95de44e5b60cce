import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type LeadView, leadListKeys, leadListsApi, useLeadViews } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, Select, toast } from "@/ui";
import { addressOf, differs, type LeadAddress, viewOf } from "./address";

interface ViewsBarProps {
  address: LeadAddress;
  onAddress: (address: LeadAddress) => void;
}

/** The views of the workspace: opened, saved under a name, changed and deleted. */
export function ViewsBar({ address, onAddress }: ViewsBarProps) {
  const client = useQueryClient();
  const views = useLeadViews().data ?? [];
  const [naming, setNaming] = useState(false);
  const current = views.find(({ id }) => id === address.view);
  const changed = current ? differs(address, current) : false;
  const renew = () => client.invalidateQueries({ queryKey: leadListKeys.views });
  const save = useMutation({
    mutationFn: (view: LeadView) => leadListsApi.changeView(view, view.name, viewOf(address)),
    onSuccess: async ({ name }) => {
      await renew();
      toast({ tone: "ok", title: `Saved the view “${name}”` });
    },
    onError: sayError("The view was not saved"),
  });
  const remove = useMutation({
    mutationFn: (view: LeadView) => leadListsApi.removeView(view.id),
    onSuccess: async () => {
      await renew();
      onAddress({});
    },
    onError: sayError("The view was not deleted"),
  });
  const { view: _view, ...plain } = address;
  const isPlain = Object.keys(plain).length === 0;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {views.length > 0 ? (
        <Select
          aria-label="View"
          className="!w-48"
          value={current?.id ?? ""}
          options={[
            { value: "", label: "All leads" },
            ...views.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onValueChange={(id) => {
            const view = views.find((one) => one.id === id);
            onAddress(view ? addressOf(view) : {});
          }}
        />
      ) : null}
      {current && changed ? (
        <Button busy={save.isPending} onClick={() => save.mutate(current)}>
          Save changes
        </Button>
      ) : null}
      {!current || changed ? (
        <Button variant="ghost" icon="pin" disabled={isPlain} onClick={() => setNaming(true)}>
          Save as view
        </Button>
      ) : (
        <Button variant="ghost" icon="trash" busy={remove.isPending} onClick={() => remove.mutate(current)}>
          Delete view
        </Button>
      )}
      {naming ? (
        <NameView
          address={address}
          onClose={() => setNaming(false)}
          onSaved={(view) => {
            setNaming(false);
            onAddress(addressOf(view));
          }}
        />
      ) : null}
    </div>
  );
}

interface NameViewProps {
  address: LeadAddress;
  onClose: () => void;
  onSaved: (view: LeadView) => void;
}

function NameView({ address, onClose, onSaved }: NameViewProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => leadListsApi.createView(name.trim(), viewOf(address)),
    onSuccess: async (view) => {
      await client.invalidateQueries({ queryKey: leadListKeys.views });
      onSaved(view);
    },
    onError: sayError("The view was not saved"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      width="small"
      title="Save as view"
      description="Filter, columns and order, for everybody in the workspace. Its address can be shared, too."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="name-view"
            variant="primary"
            busy={create.isPending}
            disabled={!name.trim()}
          >
            Save the view
          </Button>
        </>
      }
    >
      <form id="name-view" onSubmit={submit}>
        <Field label="Name">
          {(control) => (
            <Input
              {...control}
              value={name}
              placeholder="Hot leads without an owner"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
