import { expect, test } from "vitest";
import type { AppConnection, ConnectableApp, SyncField } from "@/api";
import { lacks, partiesOf, wholeFields } from "./sync-words";

const app = {
  id: "crm",
  name: "CRM",
  records: [{ name: "contact", title: "Contacts", known_by: "email", fields: null }],
} as unknown as ConnectableApp;
const connection = (id: string, of = "crm") =>
  ({ id, app: of, name: `Our ${id}` }) as unknown as AppConnection;
const field = (left: string, right: string): SyncField => ({ left, right, flow: "both", rule: "newest" });

test("only accounts whose app has records can be a side", () => {
  const parties = partiesOf([app], [connection("a"), connection("b", "chat")]);
  expect(parties.map(({ value, label }) => [value, label])).toEqual([["a/contact", "Our a: contacts"]]);
});

test("half a row is no field", () => {
  expect(wholeFields([field(" a ", "b"), field("", "c"), field("d", " ")])).toEqual([field("a", "b")]);
});

test("what is missing is said, one thing at a time", () => {
  const [one, two] = partiesOf([app], [connection("a"), connection("b")]);
  expect(lacks(" ", one, two, [field("a", "b")])).toMatch(/name/);
  expect(lacks("x", one, undefined, [field("a", "b")])).toMatch(/both sides/);
  expect(lacks("x", one, one, [field("a", "b")])).toMatch(/different/);
  expect(lacks("x", one, two, [])).toMatch(/at least one/);
  expect(lacks("x", one, two, [field("a", "b"), field("a", "c")])).toMatch(/twice/);
  expect(lacks("x", one, two, [field("a", "b")])).toBeNull();
});
