// A change is tried before it goes live: on the past, as a dry run, and against a run that was kept as a test.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;
let workflow;

before(async () => {
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  workflow = (await api(page, "GET", "/workflows")).items[0].id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const step = chain(() => page);
const card = (title) => page.locator(".react-flow__node", { hasText: title });
const dialog = () => page.getByRole("dialog");
const runs = async () => (await api(page, "GET", `/runs?workflow=${workflow}&limit=100`)).items;

/** Leads of the demo: 85 points are hot before and after the change, 70 only before, 10 never. */
const COMMON = { job_title: "Head of data", company_size: 250, industry: "Software", interest: "Pricing" };
const LEADS = [
  ...["Ada Lovelace", "Grace Hopper", "Radia Perlman"].map((name) => ({ name, ...COMMON, visits: 6 })),
  ...["Alan Turing", "Hedy Lamarr"].map((name) => ({ name, ...COMMON, visits: 1 })),
  { name: "Tim Ng", interest: "Pricing" },
];

step("the past: six leads came in", async () => {
  for (const { name, ...fields } of LEADS) {
    const [first_name, last_name] = name.split(" ");
    const email = `${first_name.toLowerCase()}@${last_name.toLowerCase()}.example`;
    const answer = await fetch(`${server.url}/hooks/demo-request`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, first_name, last_name, ...fields }),
    });
    assert.equal(answer.status, 202);
  }
  await until("the runs to end", async () => (await runs()).filter(({ status }) => status === "completed").length === LEADS.length);
});

step("a run that came out right is kept as a test", async () => {
  const run = (await runs()).find(({ subject }) => subject.includes("Alan"));
  await page.goto(`${server.url}/runs/${run.id}`);
  await page.getByRole("button", { name: "Keep as a test" }).click();
  await expectAccessible(page, "the dialog that keeps a run as a test");
  await dialog().getByRole("textbox", { name: "Name" }).fill("70 points are hot");
  await page.keyboard.press("Enter");
  await page.getByText("Kept as a test", { exact: true }).waitFor();
});

step("a threshold is raised in the draft", async () => {
  await page.goto(`${server.url}/workflows/${workflow}`);
  await card("Is it hot?").click();
  const threshold = page.getByRole("complementary", { name: "Step “Is it hot?”" }).getByRole("textbox", { name: /^Value of/ });
  await threshold.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("80");
  await until("the draft to be saved", async () => {
    const { draft } = await api(page, "GET", `/workflows/${workflow}`);
    return draft.steps.hot.config.condition.all[0].value === 80;
  });
});

step("tried on the past, it says in a sentence what would be different", async () => {
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByRole("menuitem", { name: /On the past/ }).click();
  await dialog().getByText("6 runs are in it.").waitFor();
  await expectAccessible(page, "the dialog that tries the draft on the past");
  await dialog().getByRole("button", { name: "Try it on 6 runs" }).click();
  await page.getByRole("heading", { name: "6 runs: 4 same, 2 other owner" }).waitFor();
  await page.getByText("Nothing was written").waitFor();
  await expectAccessible(page, "the result of a trial");
  const rows = page.getByRole("table", { name: "Runs of the past" }).getByRole("row");
  await until("only what differs", async () => (await rows.count()) === 3);
});

step("one of them stands side by side with what happened", async () => {
  await page.getByRole("button", { name: /Alan/ }).click();
  const owner = dialog().getByRole("row", { name: /^Owner/ }).first();
  await owner.waitFor();
  const [before, now] = await owner.getByRole("cell").allTextContents();
  assert.notEqual(before, now);
  await dialog().getByRole("row", { name: /Route to account executive/ }).waitFor();
  await dialog().getByRole("row", { name: /Route to SDR pool/ }).waitFor();
  await dialog().getByRole("region", { name: "What the draft would write" }).getByText("by “Route to SDR pool”").waitFor();
  await expectAccessible(page, "a run side by side");

  await dialog().getByRole("radio", { name: "Drawing" }).click();
  await until("both drawings", async () => (await dialog().locator(".react-flow__viewport").count()) === 2);
  await page.keyboard.press("j");
  await dialog().and(page.getByRole("dialog", { name: /Alan/ })).waitFor({ state: "detached" });

  await page.reload();
  await dialog().waitFor();
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
});

step("a dry run shows what one event would write, and writes nothing", async () => {
  const leads = async () => (await api(page, "GET", "/leads")).total;
  const known = await leads();
  await page.getByRole("link", { name: "Open the draft" }).click();
  await card("Is it hot?").waitFor();
  await page.keyboard.press("Shift+D");
  await expectAccessible(page, "the dialog of a dry run");
  const event = dialog().getByRole("textbox", { name: /^The event/ });
  await event.fill(JSON.stringify({ email: "katherine@johnson.example", first_name: "Katherine", last_name: "Johnson", ...COMMON }));
  await dialog().getByRole("button", { name: "Show what it would do" }).click();
  const table = page.getByRole("table", { name: "What would be written" });
  await table.getByRole("row", { name: /Score/ }).getByText("70").waitFor();
  await table.getByText("Happens exactly once").first().waitFor();
  await expectAccessible(page, "the result of a dry run");
  assert.equal(await leads(), known, "no lead was written");
  assert.equal((await runs()).length, LEADS.length, "no run was started");
});

step("publishing names the test that comes out otherwise, and goes on when told to", async () => {
  await page.getByRole("link", { name: "Open the draft" }).click();
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByText("1 of 1 test comes out otherwise").waitFor();
  const changed = dialog().getByRole("listitem").filter({ hasText: "70 points are hot" });
  assert.match(await changed.textContent(), /Owner .+ → .+/);
  await expectAccessible(page, "the publish dialog with a test that changes");
  await dialog().getByRole("button", { name: "Publish anyway" }).click();
  await page.getByRole("dialog", { name: "Version 2 is live" }).waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
});

step("the run is turned back, and what came of it is seen at the lead", async () => {
  const run = (await runs()).find(({ subject }) => subject.includes("Hedy"));
  await page.goto(`${server.url}/runs/${run.id}`);
  await page.getByRole("button", { name: "Undo…" }).click();
  await dialog().getByRole("region", { name: "Will be turned back" }).waitFor();
  await expectAccessible(page, "the undo dialog");
  await dialog().getByRole("button", { name: /^Turn back \d+ change/ }).click();
  await page.getByRole("dialog", { name: /turned back$/ }).getByRole("link").first().click();
  await page.waitForURL(`**/leads/${run.lead_id}`);
  const lead = await api(page, "GET", `/leads/${run.lead_id}`);
  assert.equal(lead.owner ?? null, null, "nobody owns the lead any more");
});
