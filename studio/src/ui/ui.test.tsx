import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { renderWithStudio } from "@/test-render";
import {
  Combobox,
  ConfirmDialog,
  CopyButton,
  Field,
  Icon,
  Input,
  isIconName,
  JsonView,
  matchOptions,
  Segmented,
  Select,
  Tabs,
  toast,
} from ".";

const OPTIONS = [
  { value: "ae", label: "Account executives", hint: "3 people" },
  { value: "sdr", label: "Sales development", hint: "2 people" },
];

function Theme() {
  const [value, setValue] = useState<"light" | "dark">("light");
  const options = [
    { value: "light", label: "Light" },
    { value: "dark", label: "Dark" },
  ] as const;
  return <Segmented label="Theme" options={[...options]} value={value} onValueChange={setValue} />;
}

function Sides() {
  const [side, setSide] = useState("in");
  const items = [
    { value: "in", label: "Input", content: "what came in" },
    { value: "out", label: "Output", content: "what went out" },
  ];
  return <Tabs label="Sides" value={side} onValueChange={setSide} items={items} />;
}

describe("Combobox", () => {
  it("is worked by keyboard alone: open, type, move, choose", async () => {
    const chosen = vi.fn();
    render(<Combobox aria-label="Pool" value={undefined} onValueChange={chosen} options={OPTIONS} />);
    const user = userEvent.setup();
    await user.tab();
    await user.keyboard("{Enter}");
    const search = await screen.findByRole("combobox", { name: "Search" });
    expect(search).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(search).toHaveAttribute("aria-activedescendant", screen.getAllByRole("option")[1]?.id);
    await user.keyboard("dev{Enter}");
    expect(chosen).toHaveBeenCalledWith("sdr");
    await waitFor(() => expect(screen.queryByRole("listbox")).not.toBeInTheDocument());
  });

  it("offers to create what it does not find, but not what exists", async () => {
    const create = vi.fn();
    const user = userEvent.setup();
    render(
      <Combobox
        aria-label="List"
        value={undefined}
        onValueChange={vi.fn()}
        options={OPTIONS}
        onCreate={create}
      />,
    );
    await user.click(screen.getByRole("button", { name: "List" }));
    await user.keyboard("sales development");
    expect(screen.getAllByRole("option")).toHaveLength(1);
    await user.clear(screen.getByRole("combobox", { name: "Search" }));
    await user.keyboard("Nurture{Enter}");
    expect(create).toHaveBeenCalledWith("Nurture");
  });

  it("matches every word, in label or hint, in any order", () => {
    expect(matchOptions(OPTIONS, "people acc").map((option) => option.value)).toEqual(["ae"]);
    expect(matchOptions(OPTIONS, " ")).toHaveLength(2);
    expect(matchOptions(OPTIONS, "acc dev")).toHaveLength(0);
  });
});

describe("Select", () => {
  const OUTCOMES = [
    { value: "", label: "Every outcome" },
    { value: "completed", label: "Completed" },
    { value: "cancelled", label: "Cancelled" },
    { value: "failed", label: "Failed", disabled: true },
  ];

  it("is worked by keyboard alone and keeps the focus", async () => {
    const chosen = vi.fn();
    render(<Select aria-label="Outcome" value="" onValueChange={chosen} options={OUTCOMES} />);
    const user = userEvent.setup();
    await user.tab();
    const button = screen.getByRole("combobox", { name: "Outcome" });
    expect(button).toHaveTextContent("Every outcome");
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(button).toHaveAttribute("aria-activedescendant", screen.getAllByRole("option")[1]?.id);
    expect(button).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(chosen).toHaveBeenCalledWith("completed");
    await waitFor(() => expect(screen.queryByRole("listbox")).not.toBeInTheDocument());
  });

  it("finds by typing, goes on with the same letter, and leaves without a choice", async () => {
    const chosen = vi.fn();
    render(<Select aria-label="Outcome" value="" onValueChange={chosen} options={OUTCOMES} />);
    const user = userEvent.setup();
    await user.tab();
    await user.keyboard("cc");
    expect(screen.getByRole("combobox")).toHaveAttribute(
      "aria-activedescendant",
      screen.getByRole("option", { name: "Cancelled" }).id,
    );
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("listbox")).not.toBeInTheDocument());
    expect(chosen).not.toHaveBeenCalled();
  });

  it("answers the pointer, but not on what is disabled", async () => {
    const chosen = vi.fn();
    render(<Select aria-label="Outcome" value="completed" onValueChange={chosen} options={OUTCOMES} />);
    await userEvent.click(screen.getByRole("combobox"));
    await userEvent.click(screen.getByRole("option", { name: "Failed" }));
    expect(chosen).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("option", { name: "Every outcome" }));
    expect(chosen).toHaveBeenCalledWith("");
  });
});

describe("Field", () => {
  it("ties label, help and error to its control", () => {
    const { rerender } = render(
      <Field label="Path" help="The last part of the address.">
        {(control) => <Input {...control} />}
      </Field>,
    );
    expect(screen.getByLabelText("Path")).toHaveAccessibleDescription("The last part of the address.");
    rerender(
      <Field label="Path" help="The last part of the address." error="Path is missing. Fill it in.">
        {(control) => <Input {...control} />}
      </Field>,
    );
    expect(screen.getByLabelText("Path")).toBeInvalid();
    expect(screen.getByLabelText("Path")).toHaveAccessibleDescription("Path is missing. Fill it in.");
  });
});

describe("JsonView", () => {
  it("opens so many levels, says what a folded one holds, and opens it", async () => {
    render(<JsonView label="Output" value={{ lead: { name: "Ada", tags: ["a", "b"] } }} openLevels={1} />);
    expect(screen.queryByText("Ada")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Open lead, 2 fields" }));
    expect(screen.getByText("Ada")).toBeVisible();
    expect(screen.getByRole("button", { name: "Open tags, 2 items" })).toBeVisible();
  });

  it("shows a long list in pieces", async () => {
    render(<JsonView label="Rows" value={Array.from({ length: 300 }, (_, row) => `row ${row}`)} />);
    expect(screen.queryByText("row 50")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Show more of the other 250" }));
    expect(screen.getByText("row 249")).toBeInTheDocument();
    expect(screen.queryByText("row 250")).not.toBeInTheDocument();
  });

  it("never shows undefined or null as words of a programmer", () => {
    render(<JsonView label="Output" value={{ a: null, b: undefined, c: "", d: [], e: true }} />);
    const tree = screen.getByRole("list", { name: "Output" });
    expect(tree).not.toHaveTextContent(/null|undefined|true/);
    expect(tree).toHaveTextContent("empty list");
    expect(within(tree).getByText("yes")).toBeInTheDocument();
  });

  it("gives the path of what is picked", async () => {
    const pick = vi.fn();
    render(<JsonView label="Output" value={{ leads: [{ name: "Ada" }] }} openLevels={4} onPick={pick} />);
    await userEvent.click(screen.getByText("name"));
    expect(pick).toHaveBeenCalledWith(["leads", 0, "name"], "Ada");
  });
});

it("Segmented keeps its choice when that is pressed again", async () => {
  render(<Theme />);
  await userEvent.click(screen.getByRole("radio", { name: "Light" }));
  expect(screen.getByRole("radio", { name: "Light" })).toBeChecked();
  await userEvent.click(screen.getByRole("radio", { name: "Dark" }));
  expect(screen.getByRole("radio", { name: "Light" })).not.toBeChecked();
});

it("Tabs show one panel and move by arrow keys", async () => {
  render(<Sides />);
  await userEvent.tab();
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getByText("what went out")).toBeVisible();
  expect(screen.queryByText("what came in")).not.toBeInTheDocument();
});

it("ConfirmDialog stays open when the deed failed, and closes when it is done", async () => {
  const deed = vi.fn().mockRejectedValueOnce(new Error("no")).mockResolvedValueOnce(undefined);
  const opened = vi.fn();
  render(
    <ConfirmDialog
      open
      onOpenChange={opened}
      title="Delete?"
      description="Gone for good."
      confirmLabel="Delete"
      onConfirm={deed}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Delete" })).toBeEnabled());
  expect(opened).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(opened).toHaveBeenCalledWith(false));
});

it("CopyButton copies and says so", async () => {
  const user = userEvent.setup();
  renderWithStudio(<CopyButton text={() => "curl -X POST"} label="Copy curl" />);
  await user.click(screen.getByRole("button", { name: "Copy curl" }));
  expect(await screen.findByRole("button", { name: "Copied" })).toBeVisible();
  expect(await navigator.clipboard.readText()).toBe("curl -X POST");
});

it("toasts show their code and their action", async () => {
  const undo = vi.fn();
  renderWithStudio(<p>page</p>);
  toast({
    tone: "bad",
    title: "The pool was not saved",
    code: "POOL-0001",
    action: { label: "Try again", onSelect: undo },
  });
  expect(await screen.findByRole("link", { name: /POOL-0001/ })).toHaveAttribute(
    "href",
    "/docs/errors/POOL-0001",
  );
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(undo).toHaveBeenCalledOnce();
});

it("Icon draws a dot for a name it does not know, rather than nothing", () => {
  expect(isIconName("gauge")).toBe(true);
  expect(isIconName("toString")).toBe(false);
  const { container } = render(<Icon name="from-a-newer-server" />);
  expect(container.querySelector("path")).toHaveAttribute("d", expect.stringMatching(/^M/));
});
