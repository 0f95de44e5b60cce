import { fireEvent, screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { KINDS, LEADS } from "@/document/testing/kinds";
import type { Problem, WorkflowSettings } from "@/document/types";
import { renderWithStudio } from "@/test-render";
import { createDocumentStore } from "../document-store";
import { EditorContext, type EditorContextValue } from "../editor-context";
import { createSessionStore } from "../session-store";
import { SettingsDialog } from "./settings-dialog";

vi.mock("@/api", async (original) => ({
  ...(await original<typeof import("@/api")>()),
  api: { previewExpression: vi.fn(async () => ({ ok: true, value: "x", type: "text", missing: [] })) },
  useWorkflows: () => ({
    data: { items: [{ id: "w2", name: "Tell the team", published_version: 3 }] },
    isError: false,
  }),
}));

function open(settings: WorkflowSettings = {}, problems: Problem[] = []) {
  const documents = createDocumentStore({ ...LEADS, settings });
  const editor = {
    workflow: "w1",
    kinds: KINDS,
    documents,
    session: createSessionStore(),
    autosave: { state: createStore(() => ({ problems, hooks: [] })) },
  } as unknown as EditorContextValue;
  renderWithStudio(
    <EditorContext value={editor}>
      <SettingsDialog onClose={() => {}} />
    </EditorContext>,
  );
  return {
    documents,
    settings: () => documents.getState().history.document.settings,
    undo: () => documents.getState().undo(),
  };
}

it("writes a limit, refuses one out of range, and can be undone", async () => {
  const { settings, undo } = open();
  fireEvent.click(screen.getByRole("switch", { name: "Limit how many run at once" }));
  expect(settings()).toEqual({ most_at_once: 5 });
  expect(screen.getByText(/At most 5 runs go at once/)).toBeVisible();
  const box = screen.getByRole("textbox", { name: "At most" });
  fireEvent.change(box, { target: { value: "2000" } });
  expect(screen.getByText("Choose 1 to 1,000 runs.")).toBeVisible();
  fireEvent.change(box, { target: { value: "some" } });
  expect(screen.getByText("Write a whole number.")).toBeVisible();
  expect(settings()).toEqual({ most_at_once: 5 });
  fireEvent.change(box, { target: { value: "12" } });
  expect(settings()).toEqual({ most_at_once: 12 });
  undo();
  // Switching on and typing are one edit of one setting.
  expect(settings()).toEqual({});
});

it("offers the event's own fields as what makes runs be about the same thing", async () => {
  const { settings } = open();
  fireEvent.click(screen.getByRole("switch", { name: "Keep runs about the same thing in order" }));
  expect(screen.getByText("Choose what makes two events be about the same thing.")).toBeVisible();
  fireEvent.click(screen.getByRole("button", { name: "E-mail" }));
  expect(settings()?.order_by).toEqual({ key: "{{ trigger.body.email }}" });
  fireEvent.change(screen.getByRole("textbox", { name: "Group of workflows" }), {
    target: { value: "leads" },
  });
  expect(settings()?.order_by).toEqual({ key: "{{ trigger.body.email }}", space: "leads" });
  expect(screen.getByText(/across all workflows of the group “leads”/)).toBeVisible();
});

it("keeps a span in the smallest unit and shows it in the largest that fits", () => {
  const { settings } = open({ timeout_minutes: 120, dedupe: { key: "{{ trigger.body.id }}", hours: 36 } });
  const part = within(screen.getByRole("region", { name: "When it goes wrong" }));
  expect(part.getByRole("textbox", { name: "At most" })).toHaveValue("2");
  fireEvent.change(part.getByRole("textbox", { name: "At most" }), { target: { value: "1.5" } });
  expect(settings()?.timeout_minutes).toBe(90);
  expect(screen.getByRole("textbox", { name: "Within" })).toHaveValue("36");
});

it("says the server's problems beside their setting", () => {
  open({ most_at_once: 4000 }, [
    {
      code: "DOC-0040",
      severity: "error",
      field: "/settings/most_at_once",
      message: "the setting is outside of 1 to 1000 runs",
      action: "Choose a number in that range.",
    },
  ]);
  expect(screen.getByRole("textbox", { name: "At most" })).toHaveAccessibleDescription(
    /The setting is outside of 1 to 1000 runs. Choose a number in that range./,
  );
});

it("says plainly that thinning after the end of keeping does nothing", () => {
  const { settings } = open({ keep_days: 10 });
  fireEvent.change(screen.getByRole("textbox", { name: "Thin completed runs after" }), {
    target: { value: "12" },
  });
  expect(settings()).toEqual({ keep_days: 10, thin_after_days: 12 });
  expect(screen.getByText(/Has no effect/)).toBeVisible();
  fireEvent.change(screen.getByRole("textbox", { name: "Thin completed runs after" }), {
    target: { value: "" },
  });
  expect(settings()).toEqual({ keep_days: 10 });
});
