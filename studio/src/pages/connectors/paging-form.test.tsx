import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import type { ChosenOperation, ImportOperation, PagingChoice } from "@/api";
import { PagingForm } from "./paging-form";

const guess: PagingChoice = {
  items: "/people",
  next: { by: "cursor", at: "/next", into: { query: "cursor" } },
  size: { into: { query: "limit" }, most: 100 },
};

function Form({ onChange }: { onChange: (chosen: ChosenOperation) => void }) {
  const [own, setOwn] = useState<ChosenOperation>({ key: "GET /people" });
  const operation = { key: "GET /people", paging: guess } as ImportOperation;
  const change = (next: ChosenOperation) => {
    setOwn(next);
    onChange(next);
  };
  return <PagingForm operation={operation} own={own} disabled={false} onChange={change} />;
}

it("every part of a guess about pages can be corrected, and the guess comes back", async () => {
  let chosen: ChosenOperation = { key: "" };
  render(<Form onChange={(next) => (chosen = next)} />);
  const user = userEvent.setup();
  const choose = async (label: string) => {
    await user.click(screen.getByLabelText("Pages"));
    await user.click(screen.getByRole("option", { name: label }));
  };
  await choose("Pages are counted");
  expect(chosen.paging).toEqual({ ...guess, next: { by: "page", into: { query: "page" }, first: 1 } });
  await user.clear(screen.getByLabelText("Parameter for the size of a page"));
  expect(chosen.paging).toEqual({
    items: "/people",
    next: { by: "page", into: { query: "page" }, first: 1 },
  });
  await user.type(screen.getByLabelText("Parameter for the size of a page"), "n");
  await user.clear(screen.getByLabelText("The first page is number"));
  expect(chosen.paging).toMatchObject({ next: { first: 0 }, size: { into: { query: "n" }, most: 50 } });
  await choose("A word leads to the next page");
  expect(chosen.paging).toMatchObject({ next: guess.next });
  await choose("One answer holds everything");
  expect(chosen.paging).toBe("none");
});
