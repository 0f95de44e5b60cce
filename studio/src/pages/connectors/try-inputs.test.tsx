import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import type { ActionInputs, ConnectableApp } from "@/api";
import { examples, Inputs, readInputs } from "./try-inputs";
import { firstProof, isWhole, sentProof } from "./try-proof";

const action: ActionInputs = {
  name: "add",
  title: "Add",
  writes: true,
  promise: "",
  properties: {
    email: { type: "string", title: "E-mail" },
    stage: { type: "string", title: "Stage", enum: ["new", "won"] },
    tags: { type: "array", title: "Tags" },
    note: { type: "string", title: "Note" },
  },
  required: ["email", "stage"],
  example: { email: "ada@x.example", tags: ["a"] },
};

function Form({ onChange }: { onChange: (values: Record<string, string>) => void }) {
  const [values, setValues] = useState(() => examples(action));
  const change = (next: Record<string, string>) => {
    setValues(next);
    onChange(next);
  };
  return <Inputs action={action} values={values} onChange={change} />;
}

it("inputs begin with their example, choices are chosen, and what is no JSON is said", async () => {
  let values = examples(action);
  render(<Form onChange={(next) => (values = next)} />);
  const user = userEvent.setup();
  expect(screen.queryByLabelText("Note")).toBeNull();
  await user.click(screen.getByLabelText(/^Stage/));
  await user.click(screen.getByRole("option", { name: "won" }));
  expect(readInputs(action, values)).toEqual({ email: "ada@x.example", stage: "won", tags: ["a"] });
  await user.clear(screen.getByLabelText("Tags"));
  await user.type(screen.getByLabelText("Tags"), "a, b");
  expect(readInputs(action, values)).toBe("“Tags” is not JSON.");
  await user.click(screen.getByRole("button", { name: "1 more input" }));
  expect(screen.getByLabelText("Note")).toBeDefined();
});

it("a call is made once everything is entered that it needs, with nothing else", () => {
  const app = {
    auth: [
      {
        id: "login",
        kind: "basic",
        entries: [
          { name: "username", title: "User name", hidden: false, long: false, optional: false },
          { name: "password", title: "Password", hidden: true, long: false, optional: true },
        ],
      },
      { id: "oauth", kind: "authorization_code", entries: [] },
    ],
    settings: { shop: { type: "string", default: "demo" }, site: { type: "string", "x-optional": true } },
  } as unknown as ConnectableApp;
  const first = firstProof(app);
  expect(isWhole(app, first)).toBe(false);
  const entered = { ...first, secrets: { username: "key" } };
  expect(isWhole(app, entered)).toBe(true);
  expect(sentProof(entered)).toEqual({
    auth: "login",
    settings: { shop: "demo" },
    secrets: { username: "key" },
  });
  expect(isWhole(app, { ...entered, way: "oauth" })).toBe(false);
  expect(isWhole(app, { ...first, way: "oauth", secrets: { access_token: "t" } })).toBe(true);
  expect(sentProof({ ...entered, connection: "c1" })).toEqual({ connection: "c1" });
});
