import { describe, expect, it } from "vitest";
import type { ConnectorImport, ImportOperation } from "@/api";
import {
  firstChoice,
  freshAuth,
  gone,
  hostsOf,
  keepChoice,
  keptChoice,
  keyForm,
  nextVersion,
  toggle,
  withAddress,
  withKey,
} from "./choice";

const operation = (key: string, unsupported?: string): ImportOperation => ({
  key,
  method: "GET",
  path: "/x",
  name: "x",
  title: "X",
  summary: "",
  tags: [],
  deprecated: false,
  inputs: [],
  required: [],
  write: null,
  paging: null,
  problems: [],
  ...(unsupported ? { unsupported } : {}),
});

const found = {
  name: "acme",
  title: "Acme",
  summary: "",
  servers: [
    { url: "https://api.acme.example", about: "", hosts: ["api.acme.example"], settings: {}, notes: [] },
  ],
  auth: [],
  says: "",
  faults: [],
  operations: [operation("GET /a"), operation("GET /b", "files")],
} as unknown as ConnectorImport;

describe("what one begins with", () => {
  it("is the guesses, and nothing chosen", () => {
    expect(firstChoice(found)).toMatchObject({
      id: "acme",
      base_url: "https://api.acme.example",
      operations: [],
    });
  });

  it("is the earlier choice with what is still there, one version on", () => {
    const earlier = {
      ...firstChoice(found),
      id: "acme_eu",
      version: "1.4.2",
      operations: [{ key: "GET /a", title: "Mine" }, { key: "GET /b" }, { key: "GET /gone" }],
    };
    const again = { ...found, earlier: { name: "acme_eu", choice: earlier } };
    expect(firstChoice(again)).toMatchObject({
      id: "acme_eu",
      version: "1.5.0",
      operations: [{ key: "GET /a", title: "Mine" }],
    });
    expect(gone(again)).toEqual(["GET /b", "GET /gone"]);
  });
});

it("what was chosen of a document is kept in the tab, one document apart from another", () => {
  const choice = { ...firstChoice(found), operations: [{ key: "GET /a" }] };
  keepChoice({ ...found, id: "1" }, choice);
  expect(keptChoice({ ...found, id: "1" })).toEqual(choice);
  expect(keptChoice({ ...found, id: "2" })).toBeNull();
  window.sessionStorage.setItem("trunkline.import.3.", "{");
  expect(keptChoice({ ...found, id: "3" })).toBeNull();
});

it("a version that is none stays", () => {
  expect(nextVersion("2024-01")).toBe("2024-01");
});

it("operations are taken and given back without losing what was said of others", () => {
  const some = toggle([{ key: "a", title: "Mine" }], ["a", "b"], true);
  expect(some).toEqual([{ key: "a", title: "Mine" }, { key: "b" }]);
  expect(toggle(some, ["b"], false)).toEqual([{ key: "a", title: "Mine" }]);
});

it("an address says which hosts get the credentials", () => {
  expect(hostsOf("https://API.acme.example:8443/v1")).toEqual(["api.acme.example:8443"]);
  expect(hostsOf("https://{{ settings.shop }}.acme.example/x")).toEqual(["*.acme.example"]);
  expect(hostsOf("https://{{ settings.host }}/x")).toEqual([]);
  expect(hostsOf("nothing")).toEqual([]);
  const choice = { ...firstChoice(found), settings: { shop: { type: "string" } } };
  expect(withAddress(choice, "https://acme.example").settings).toEqual({});
});

describe("a key", () => {
  it("is read from where it goes, and put back", () => {
    const auth = freshAuth("api_key", ["api_key"]);
    expect(auth.id).toBe("api_key_2");
    const form = keyForm(auth);
    expect(form).toEqual({ place: "header", name: "Authorization", before: "Bearer " });
    const query = withKey(auth, { place: "query", name: "key", before: "" });
    expect(query.send).toEqual({ query: { key: "{{ secret.key }}" } });
    expect(keyForm(query)).toEqual({ place: "query", name: "key", before: "" });
  });

  it("that travels in two parts is left as it is", () => {
    const two = { ...freshAuth("api_key", []), send: { query: { a: "{{ secret.key }}", b: "1" } } };
    expect(keyForm(two)).toBeNull();
    expect(keyForm(freshAuth("basic", []))).toBeNull();
  });
});
