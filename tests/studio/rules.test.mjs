// A scoring model edited, tried on every lead and put in force; a segment previewed and its members seen; a lifecycle
// written. Every number is compared with a count made from the leads that were sent.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const LEADS = 12;
const sizes = Array.from({ length: LEADS }, (_, n) => n * 50);

let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--empty"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: {
      kind: "find_or_create_lead",
      title: "Find",
      config: {
        match_on: ["email"],
        fields: [
          { name: "email", value: "{{ trigger.body.email }}" },
          { name: "company_size", value: "{{ trigger.body.size }}" },
        ],
      },
    },
  };
  const document = { format: 1, name: "Intake", steps, edges: [{ from: "start", to: "find" }] };
  const flow = await api(page, "POST", "/workflows", { document });
  await api(page, "POST", `/workflows/${flow.id}/publish`, { base_revision: flow.draft_revision });
  for (const [n, size] of sizes.entries()) {
    const payload = { email: `lead${n}@corp.example`, size };
    await api(page, "POST", `/workflows/${flow.id}/runs`, { payload });
  }
  await until("all leads to be there", async () => (await api(page, "GET", "/leads")).total === LEADS);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const total = async (query) => (await api(page, "GET", `/leads?${query}`)).total;
const box = (name) => page.getByRole("textbox", { name, exact: true });

async function publish() {
  await page.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Why" }).fill("As agreed");
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

test("an empty page teaches, and a first model is an example", async () => {
  await page.goto(`${server.url}/scoring`);
  await page.getByRole("heading", { name: "No scoring model yet" }).waitFor();
  await expectAccessible(page, "scoring without a model");
  await page.getByRole("button", { name: "New model" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "Who they are" }).waitFor();
});

test("the effect on a lead is seen while typing", async () => {
  await box("Points of row 1").fill("80");
  await box("Most points of who they are").fill("100");
  await page.getByRole("button", { name: "Remove row 2" }).click();
  await until("the newest lead to score 80", async () => (await page.locator("[data-score]").textContent()) === "80");
  await expectAccessible(page, "a scoring model");
});

test("a back-test says who would become MQL, and nothing is written", async () => {
  const expected = sizes.filter((size) => size >= 200).length;
  await page.getByRole("button", { name: "Back-test this change" }).click();
  await page.getByText(`${expected} leads would become MQL (of ${LEADS} leads)`).waitFor();
  const listed = page.getByRole("table", { name: /something would change/ }).getByRole("link");
  await until("who they are", async () => (await listed.count()) === expected);
  assert.equal(await total("stage=MQL"), 0);
});

test("published, every lead follows", async () => {
  await publish();
  const expected = sizes.filter((size) => size >= 200).length;
  await until("the leads to be MQL", async () => (await total("stage=MQL")) === expected);
  await page.getByText("v1 in force").waitFor();
});

test("a change is told in words, and the back-test counts who would cease to be", async () => {
  await box("Value of line 1 of row 1").fill("400");
  await page.getByText("Company size is at least 400: new, +80").first().waitFor();
  const expected = sizes.filter((size) => size >= 200 && size < 400).length;
  await page.getByRole("button", { name: "Back-test this change" }).click();
  await page.getByText(`${expected} leads would cease to be MQL (of ${LEADS} leads)`).waitFor();
});

test("a segment is previewed before it is in force, and then lists its leads", async () => {
  await page.goto(`${server.url}/segments`);
  await page.getByRole("heading", { name: "No segments yet" }).waitFor();
  await page.getByRole("button", { name: "New segment" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Big companies");
  await dialog.getByRole("button", { name: "Make it" }).click();
  await box("Value of line 1 of the rule").fill("300");
  const expected = sizes.filter((size) => size >= 300).length;
  await page.getByRole("button", { name: "Who would move?" }).click();
  await page.getByText(`${expected} leads would enter (of ${LEADS} leads)`).waitFor();
  await expectAccessible(page, "a segment");
  await publish();
  await until("the members to be listed", async () => {
    const listed = await page.locator("[data-members]").getAttribute("data-members", { timeout: 1000 }).catch(() => null);
    return Number(listed) === expected;
  });
  assert.equal(await total("segment=Big%20companies"), expected);
});

test("the lifecycle is written from the stages there are, with how leads fare", async () => {
  await page.goto(`${server.url}/lifecycle`);
  await page.getByRole("heading", { name: "No lifecycle yet" }).waitFor();
  await page.getByRole("button", { name: "Write the lifecycle" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "4. MQL" }).waitFor();
  await page.getByRole("textbox", { name: "What it means" }).nth(3).fill("Marketing vouches for it.");
  await page.getByText("MQL: Marketing vouches for it.").waitFor();
  await expectAccessible(page, "the lifecycle");
  const row = page.getByRole("table", { name: "Stages with their leads" }).getByRole("row", { name: /^Known/ });
  const moved = sizes.filter((size) => size >= 200).length;
  assert.deepEqual((await row.getByRole("cell").allTextContents()).slice(1, 4), [
    String(LEADS - moved),
    String(moved),
    "100 %",
  ]);
});
