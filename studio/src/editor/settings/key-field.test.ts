import { expect, it } from "vitest";
import { likelyKeys } from "./key-field";

it("offers the fields that tell people apart, the surest first", () => {
  const sample = { body: { id: "a1", note: "hi", contact: { email: "ada@example.com" }, tags: ["x"] } };
  const offers = likelyKeys([
    { path: ["trigger"], title: "Form", category: "trigger", sample, origin: "pinned" },
  ]);
  expect(offers.map(({ template }) => template)).toEqual([
    "{{ trigger.body.contact.email }}",
    "{{ trigger.body.id }}",
  ]);
  expect(likelyKeys([])).toEqual([]);
});
