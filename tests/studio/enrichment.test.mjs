// An enrichment built in the page, tried on a lead without changing it, put in force, used by a run, and seen on the lead
// with where its values came from. The provider is a real server beside the test, which counts its calls.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const KNOWN = { "ada@x.example": { company: { sector: "Software", size: "251-500" } } };

let provider;
let calls = [];
let server;
let browser;
let page;
let flow;
let lead;

before(async () => {
  provider = createServer((request, response) => {
    const email = new URL(request.url, "http://provider").searchParams.get("email");
    calls.push({ email, key: request.headers["x-api-key"] });
    const found = KNOWN[email];
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(found ? JSON.stringify(found) : "{}");
  }).listen(0, "127.0.0.1");
  await once(provider, "listening");
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: {
      kind: "find_or_create_lead",
      title: "Find",
      config: { match_on: ["email"], fields: [{ name: "email", value: "{{ trigger.body.email }}" }] },
    },
  };
  const intake = { format: 1, name: "Intake", steps, edges: [{ from: "start", to: "find" }] };
  const made = await api(page, "POST", "/workflows", { document: intake });
  await api(page, "POST", `/workflows/${made.id}/publish`, { base_revision: made.draft_revision });
  await api(page, "POST", `/workflows/${made.id}/runs`, { payload: { email: "ada@x.example" } });
  await until("the lead to be there", async () => {
    lead = (await api(page, "GET", "/leads")).items[0]?.id;
    return lead;
  });
  const enrich = { kind: "enrich", title: "Enrich", config: { lead: "{{ steps.find.lead }}", waterfall: "Firms" } };
  const document = {
    format: 1,
    name: "Enrich",
    steps: { ...steps, enrich },
    edges: [
      { from: "start", to: "find" },
      { from: "find", to: "enrich" },
    ],
  };
  flow = await api(page, "POST", "/workflows", { document });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  provider?.close();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const box = (name) => page.getByRole("textbox", { name, exact: true });

test("an empty page teaches, and a first enrichment is a draft", async () => {
  await page.goto(`${server.url}/enrichment`);
  await page.getByRole("heading", { name: "No enrichments yet" }).waitFor();
  await expectAccessible(page, "no enrichment yet");
  await page.getByRole("button", { name: "New enrichment" }).first().click();
  await page.getByRole("heading", { name: "Wanted fields" }).waitFor();
  await expectAccessible(page, "a new enrichment");
});

test("a provider is written with what it knows", async () => {
  const { port } = provider.address();
  await box("Address").fill(`http://127.0.0.1:${port}/find`);
  await page.getByRole("button", { name: "Add a parameter" }).click();
  await page.getByRole("combobox", { name: "Sign-in of Provider 1" }).click();
  await page.getByRole("option", { name: "A key in a header" }).click();
  await page.getByLabel("Key", { exact: true }).fill("s3cret");
  await box("Provider 1, path of Industry").fill("company.sector");
  await box("Provider 1, path of Company size").fill("company.size");
  await box("Provider 1, trust of Industry").fill("80");
  await page.getByRole("spinbutton", { name: "EUR a call" }).fill("0.1");
  await page.getByRole("spinbutton", { name: "EUR more a hit" }).fill("0.4");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("It fills Industry and Company size.").waitFor();
  await expectAccessible(page, "an enrichment with a provider");
});

test("providers are put into another order by the keyboard", async () => {
  await page.getByRole("button", { name: "Add a provider" }).click();
  const earlier = page.getByRole("button", { name: "Ask Provider 2 earlier" });
  await earlier.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "1. Provider 2" }).waitFor();
  await page.getByRole("button", { name: "Remove Provider 2" }).click();
  await page.getByRole("heading", { name: "1. Provider 1" }).waitFor();
});

test("a trial shows what each said and changes nothing", async () => {
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByText("Would be filled").waitFor();
  await page.getByText("Provider 1 gave Industry and Company size.").waitFor();
  await page.getByText("This month:").waitFor();
  await until("the money of this month", async () => (await page.getByText("0.50 EUR, 1 call, 1 found.").count()) > 0);
  assert.deepEqual(calls, [{ email: "ada@x.example", key: "s3cret" }]);
  assert.equal((await api(page, "GET", `/leads/${lead}`)).industry, null);
  await expectAccessible(page, "an enrichment that was tried");
});

test("it is named, put in force, and a run pays nothing for what the trial asked", async () => {
  await box("Name").last().fill("Firms");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Firms" }).waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Version 1 of Firms is in force", { exact: true }).waitFor();
  await api(page, "POST", `/workflows/${flow.id}/publish`, { base_revision: flow.draft_revision });
  await api(page, "POST", `/workflows/${flow.id}/runs`, { payload: { email: "ada@x.example" } });
  await until("the lead to be enriched", async () => (await api(page, "GET", `/leads/${lead}`)).industry === "Software");
  assert.equal(calls.length, 1);
});

test("the lead says who gave its values, and whom the run asked", async () => {
  await page.goto(`${server.url}/leads/${lead}`);
  await page.getByText(/from Provider 1, .*trust 80/).waitFor();
  await page.getByText(/from Provider 1, .*trust 70/).waitFor();
  await page.getByText("Enriched Company size and Industry").waitFor();
  await page.getByText("Who was asked").click();
  await page.getByText("Provider 1 gave Industry and Company size when it was last asked.").waitFor();
  await expectAccessible(page, "a lead that was enriched");
});
