/**
 * Pools, stages, lists and workflows, picked from what the workspace has. The document keeps names (ids for
 * workflows), which stay readable in exports and on the canvas; a pill can stand in for the choice.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, keys, tell, useLists, usePools, useStages, useTables, useWorkflows } from "@/api";
import { Combobox, IconButton, type SelectOption, Skeleton, toast } from "@/ui";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { controlProps, textOf, type WidgetProps } from "./widget";

/** An option with the other name a document may know it by: its id. */
interface PickerOption extends SelectOption {
  readonly id?: string;
}

interface PickerProps extends WidgetProps {
  readonly options: readonly PickerOption[] | undefined;
  readonly failed: boolean;
  readonly placeholder: string;
  readonly emptyText: string;
  readonly onCreate?: ((name: string) => void) | undefined;
  readonly createLabel?: ((name: string) => string) | undefined;
  /** A pill cannot stand in for the choice. */
  readonly fixed?: boolean;
}

/** A choice from what the workspace has, or a pill in its place. */
export function Picker(props: PickerProps) {
  const { field, value, onChange, control, options, failed, placeholder, emptyText, onCreate, createLabel } =
    props;
  const { readOnly } = useFormScope();
  const text = textOf(value);
  const [asTemplate, setAsTemplate] = useState(text.includes("{{"));
  const toggle =
    readOnly || props.fixed ? null : (
      <IconButton
        icon={asTemplate ? "list" : "braces"}
        label={asTemplate ? "Pick from the list" : "Use a field of an earlier step"}
        aria-pressed={asTemplate}
        onClick={() => {
          setAsTemplate(!asTemplate);
          if (asTemplate && text.includes("{{")) onChange("");
        }}
      />
    );
  if (asTemplate) {
    return (
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          <TemplateField
            value={text}
            onChange={onChange}
            label={field.title}
            labelledBy={control.labelId}
            id={control.id}
            autoFocus={text === ""}
          />
        </div>
        {toggle}
      </div>
    );
  }
  if (!options && !failed) return <Skeleton className="h-8 w-full" />;
  const known = options ?? [];
  const chosen = known.find((option) => option.value === text || option.id === text);
  // A name the workspace does not have (yet) is shown as it is; validation says what it means.
  const shown = text === "" || chosen ? known : [{ value: text, label: text }, ...known];
  return (
    <div className="flex items-start gap-1">
      <div className="min-w-0 flex-1">
        <Combobox
          {...controlProps(control)}
          aria-label={text === "" ? field.title : `${field.title}: ${chosen?.label ?? text}`}
          disabled={readOnly}
          value={text === "" ? undefined : (chosen?.value ?? text)}
          options={[...shown]}
          placeholder={failed ? "The list could not be loaded" : placeholder}
          emptyText={emptyText}
          onValueChange={onChange}
          {...(onCreate ? { onCreate } : {})}
          {...(createLabel ? { createLabel } : {})}
        />
      </div>
      {toggle}
    </div>
  );
}

export function PoolWidget(props: WidgetProps) {
  const pools = usePools();
  const client = useQueryClient();
  const create = async (name: string) => {
    try {
      await api.createPool({ name });
      await client.invalidateQueries({ queryKey: keys.pools });
      props.onChange(name);
      toast({
        tone: "ok",
        title: `Pool “${name}” created`,
        description: "Add its owners on the Pools page.",
      });
    } catch (error) {
      const { title, detail, action, code } = tell(error);
      toast({ tone: "bad", title, description: `${detail} ${action}`, ...(code ? { code } : {}) });
    }
  };
  return (
    <Picker
      {...props}
      options={pools.data?.items.map(({ id, name, members }) => ({
        id,
        value: name,
        label: name,
        hint:
          members.length === 0 ? "nobody in it yet" : members.map((member) => member.owner_name).join(", "),
      }))}
      failed={pools.isError}
      placeholder="Choose a pool"
      emptyText="No pool yet. Type a name to create one."
      onCreate={create}
      createLabel={(name) => `Create pool “${name}”`}
    />
  );
}

export function StageWidget(props: WidgetProps) {
  const stages = useStages();
  return (
    <Picker
      {...props}
      options={stages.data?.items.map(({ id, name }) => ({ id, value: name, label: name }))}
      failed={stages.isError}
      placeholder="Choose a stage"
      emptyText="No stage of that name."
    />
  );
}

export function ListWidget(props: WidgetProps) {
  const lists = useLists();
  return (
    <Picker
      {...props}
      options={lists.data?.items.map(({ id, name, count }) => ({
        id,
        value: name,
        label: name,
        hint: count === 1 ? "1 lead" : `${count.toLocaleString("en")} leads`,
      }))}
      failed={lists.isError}
      placeholder="Choose a list or name a new one"
      emptyText="No list yet. Type a name to start one."
      // A list comes into being with its first lead, so naming it is enough.
      onCreate={props.onChange}
      createLabel={(name) => `Start list “${name}” with the first lead`}
    />
  );
}

export function TableWidget(props: WidgetProps) {
  const tables = useTables();
  return (
    <Picker
      {...props}
      options={tables.data?.items.map(({ id, name, columns }) => ({
        id,
        value: name,
        label: name,
        hint: columns.map(({ key }) => key).join(", "),
      }))}
      failed={tables.isError}
      placeholder="Choose a table"
      emptyText="No table of that name. Make one on the page Tables."
    />
  );
}

export function WorkflowWidget(props: WidgetProps) {
  const { workflowId } = useFormScope();
  const workflows = useWorkflows();
  return (
    <Picker
      {...props}
      options={workflows.data?.items
        .filter(({ id }) => id !== workflowId)
        .map(({ id, name, published_version }) => ({
          value: id,
          label: name,
          hint: published_version === null ? "not published yet" : `version ${published_version}`,
        }))}
      failed={workflows.isError}
      placeholder="Choose a workflow"
      emptyText="No other workflow of that name."
    />
  );
}
