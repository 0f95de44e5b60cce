import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type AppField, type AppFields } from "@/api";
import type { JsonSchema, StepKind } from "@/document/types";
import { renderWithStudio } from "@/test-render";
import { StepForm } from "../step-form";
import { faultOf } from "./app-field-input";

const fields = vi.hoisted(() => vi.fn());

vi.mock("@/api", async (original) => {
  const actual = await original<typeof import("@/api")>();
  actual.connectionsApi.fields = fields;
  return {
    ...actual,
    useConnections: () => ({
      data: { items: [{ id: "c1", app: "acme", name: "Our Acme", status: "connected" }] },
      isError: false,
    }),
  };
});

const own = (name: string, kind: AppField["kind"], more: Partial<AppField> = {}): AppField => ({
  name,
  label: more.label ?? name,
  kind,
  writable: true,
  required: false,
  ...more,
});

const READ: AppFields = {
  read_at: new Date().toISOString(),
  items: [
    own("seats", "number", { label: "Seats wanted" }),
    own("tier", "choice", { label: "Tier", options: [{ value: "g", label: "Gold" }] }),
    own("owner", "string", { label: "Owner", required: true }),
    own("made_at", "date", { label: "Made at", writable: false }),
  ],
};

const schema: JsonSchema = {
  type: "object",
  properties: {
    connection: { type: "string", title: "Connection", "x-ui": "connection", "x-app": "acme" },
    properties: {
      type: "object",
      title: "Properties",
      "x-ui": "app_fields",
      "x-fields": "own",
      "x-app-name": "Acme",
    },
    wanted: {
      type: "array",
      title: "Wanted",
      "x-ui": "app_fields",
      "x-fields": "own",
      "x-app-name": "Acme",
    },
    table: { type: "string", title: "Table" },
    column: {
      type: "string",
      title: "Column",
      "x-ui": "app_choice",
      "x-fields": "columns",
      "x-app-name": "Acme",
      "x-depends": { table: { title: "Table", needed: true }, view: { title: "View", usual: "all" } },
    },
  },
};

const kind: StepKind = {
  kind: "acme.add",
  title: "Acme: add",
  summary: "",
  help: "",
  icon: "plug",
  category: "data",
  keywords: [],
  schema,
  default_config: {},
  ports: { rule: "fixed", ports: [] },
  promise: "none",
  promise_text: "",
  has_error_port: false,
  example: { config: {} },
  output_sample: null,
  summary_template: "",
};

let config: Record<string, unknown>;

function Harness({ start }: { start: Record<string, unknown> }) {
  const [value, setValue] = useState(start);
  config = value;
  return (
    <StepForm
      workflowId="w"
      stepId="s"
      document={{
        format: 1,
        name: "W",
        steps: { s: { kind: "acme.add", title: "T", config: value } },
        edges: [],
      }}
      kind={kind}
      config={value}
      onChange={setValue}
      problems={[]}
      available={[]}
    />
  );
}

const group = (name: string) => screen.getByRole("group", { name });

async function add(label: string) {
  fireEvent.click(within(group("Properties")).getByRole("button", { name: "Add a field" }));
  fireEvent.click(await screen.findByRole("option", { name: new RegExp(label) }));
}

beforeEach(() => {
  fields.mockReset();
  fields.mockResolvedValue(READ);
});

describe("fields of an app in a form", () => {
  it("are read through the connection, and the needed ones are there at once", async () => {
    renderWithStudio(<Harness start={{ connection: "c1" }} />);
    expect(await screen.findAllByText(/4 fields of Acme/)).toHaveLength(2);
    expect(
      within(group("Properties")).getByText("Acme needs this field.", { exact: false }),
    ).toBeInTheDocument();
    expect(config).toEqual({ connection: "c1" });
    await add("Seats wanted");
    fireEvent.change(screen.getByLabelText("Seats wanted"), { target: { value: "12" } });
    await add("Tier");
    fireEvent.click(screen.getByRole("button", { name: "Tier" }));
    fireEvent.click(await screen.findByRole("option", { name: "Gold" }));
    expect(config.properties).toEqual({ seats: 12, tier: "g" });
  });

  it("offer nothing that cannot be written, but to be read", async () => {
    renderWithStudio(<Harness start={{ connection: "c1" }} />);
    await screen.findAllByText(/4 fields of Acme/);
    fireEvent.click(within(group("Properties")).getByRole("button", { name: "Add a field" }));
    expect(await screen.findByRole("option", { name: /Seats wanted/ })).toBeInTheDocument();
    expect(screen.queryByRole("option", { name: /Made at/ })).toBeNull();
    fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
    fireEvent.click(within(group("Wanted")).getByRole("button", { name: "Add a field" }));
    fireEvent.click(await screen.findByRole("option", { name: /Made at/ }));
    expect(config.wanted).toEqual(["made_at"]);
    fireEvent.click(screen.getByRole("button", { name: "Remove Made at" }));
    expect(config.wanted).toBeUndefined();
  });

  it("say why they could not be read, and can then be named by hand", async () => {
    const refused = {
      code: "CONN-0004",
      title: "No",
      detail: "Acme does not accept the key",
      action: "Connect it again.",
    };
    fields.mockRejectedValue(new ApiError(422, refused));
    renderWithStudio(<Harness start={{ connection: "c1", properties: { seats: 3 } }} />);
    const [alert] = await screen.findAllByRole("alert");
    expect(alert).toHaveTextContent("Acme does not accept the key. Connect it again. CONN-0004");
    expect(screen.getByLabelText("seats")).toBeInTheDocument();
    fireEvent.click(within(group("Properties")).getByRole("button", { name: "Add a field" }));
    fireEvent.change(await screen.findByRole("combobox", { name: "Search" }), {
      target: { value: "colour" },
    });
    fireEvent.click(screen.getByRole("option", { name: /Use “colour”/ }));
    expect(config.properties).toEqual({ seats: 3, colour: "" });
  });

  it("are read anew on demand; what was known stays when that fails", async () => {
    renderWithStudio(<Harness start={{ connection: "c1" }} />);
    await screen.findAllByText(/4 fields of Acme/);
    fields.mockResolvedValue({
      ...READ,
      trouble: { code: "CONN-0005", message: "Acme asks for fewer calls", action: "Wait." },
    });
    fireEvent.click(
      within(group("Properties")).getByRole("button", { name: "Read the fields of Acme again" }),
    );
    const [alert] = await screen.findAllByRole("alert");
    expect(alert).toHaveTextContent("Acme asks for fewer calls. Wait. CONN-0005");
    expect(fields).toHaveBeenLastCalledWith("c1", "own", {}, true);
    expect(screen.getAllByText(/4 fields of Acme/)).toHaveLength(2);
  });

  it("wait for a connection", () => {
    renderWithStudio(<Harness start={{}} />);
    expect(screen.getAllByText(/Choose a connection; the fields/)).toHaveLength(2);
    expect(fields).not.toHaveBeenCalled();
  });

  it("say what the app no longer has or does not let be written", async () => {
    renderWithStudio(
      <Harness start={{ connection: "c1", properties: { gone: "x", made_at: "2026-01-01" } }} />,
    );
    expect(await screen.findByText(/no field of this name any more/)).toBeInTheDocument();
    expect(screen.getByText(/does not let this field be written/)).toBeInTheDocument();
  });
});

describe("one of what an app has", () => {
  it("is picked by what people call it, once the form says what it depends on", async () => {
    renderWithStudio(<Harness start={{ connection: "c1" }} />);
    expect(await screen.findByText(/Fill in “Table”; the choices that Acme has/)).toBeInTheDocument();
    expect(fields).not.toHaveBeenCalledWith("c1", "columns", expect.anything(), false, expect.anything());
  });

  it("is asked for with what the form holds, and no pill is sent", async () => {
    renderWithStudio(<Harness start={{ connection: "c1", table: "leads", column: "seats" }} />);
    expect(await screen.findByText(/4 choices of Acme/)).toBeInTheDocument();
    expect(fields).toHaveBeenCalledWith(
      "c1",
      "columns",
      { table: "leads", view: "all" },
      false,
      expect.anything(),
    );
    fireEvent.click(screen.getByRole("button", { name: "Column: Seats wanted" }));
    fireEvent.click(await screen.findByRole("option", { name: /Owner/ }));
    expect(config.column).toBe("owner");
  });

  it("waits while only a run will tell what it depends on", async () => {
    renderWithStudio(<Harness start={{ connection: "c1", table: "{{ trigger.body.table }}" }} />);
    expect(await screen.findByText(/Fill in “Table”/)).toBeInTheDocument();
  });
});

describe("the check of a value", () => {
  it("goes by what the app says", () => {
    expect(faultOf(own("n", "number"), "12.5")).toBeNull();
    expect(faultOf(own("n", "number"), "many")).toBe("This must be a number.");
    expect(faultOf(own("d", "date"), "2026-13-45")).toBe("This must be a date.");
    expect(faultOf(own("d", "date"), "2026-11-29")).toBeNull();
    expect(faultOf(own("b", "boolean"), true)).toBeNull();
    expect(faultOf(own("c", "choice", { options: [{ value: "a", label: "A" }] }), "b")).toMatch(
      /none of the choices/,
    );
    expect(faultOf(own("n", "number"), "{{ trigger.body.n }}")).toBeNull();
    expect(faultOf(own("n", "number"), "")).toBeNull();
  });
});
