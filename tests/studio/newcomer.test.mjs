// What a newcomer does, from the set-up link to a lead of their own in a workflow of their own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Server, api, boxAtRest, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;

before(async () => {
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const canvas = () => page.locator(".react-flow");
const card = (title) => canvas().locator(".react-flow__node", { hasText: title });
const panel = () => page.getByRole("complementary").or(page.getByRole("region", { name: /^Step “/ }));

async function openStep(title) {
  await card(title).click();
  await panel().first().waitFor();
}

test("1. the one-time link makes the owner, who lands in a workspace with the demo", async () => {
  await page.goto(await server.setupLink());
  await expectAccessible(page, "the set-up page");
  await setUp(page, server);
  await page.getByRole("link", { name: "Inbound lead to owner" }).first().waitFor();
  await expectAccessible(page, "the workflow list");

  const used = await openPage(browser);
  await used.goto(await server.setupLink());
  await used.getByText("Set-up is done").waitFor();
  await used.context().close();
});

test("2. a sample lights up the taken path and shows every step's input and output", async () => {
  await page.getByRole("link", { name: "Inbound lead to owner" }).first().click();
  await card("Score the lead").waitFor();
  await expectAccessible(page, "the editor");
  await page.getByRole("button", { name: "Send a sample" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send the sample" }).click();
  await page.getByText(/Run finished in/).waitFor();
  await card("Score the lead").getByText("Done").waitFor();
  await card("Add to nurture").getByText("Skipped").waitFor();
  await canvas().getByText(/^1 · score is 70 or more$/).waitFor();

  await openStep("Score the lead");
  await page.getByRole("tab", { name: "Output" }).click();
  await page.getByRole("tabpanel").getByText("reasons").first().waitFor();
  await page.getByRole("tab", { name: "Input" }).click();
  await page.getByRole("tabpanel").getByText("rules").first().waitFor();

  await page.getByRole("link", { name: "Open run" }).click();
  await page.getByRole("heading", { name: /^Why / }).waitFor();
  await expectAccessible(page, "the run view");
});

test("3. a workflow of one's own: drawn, filled, tried, published", async () => {
  await page.goto(`${server.url}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.waitForURL(/\/workflows\/[0-9a-f-]+$/);
  await page.getByRole("textbox", { name: "Workflow name" }).fill("Webinar guests");
  await page.keyboard.press("Enter");

  // From the palette, by search and the keyboard.
  await canvas().click({ position: { x: 40, y: 500 } });
  await page.keyboard.press("Tab");
  await page.getByRole("combobox", { name: "Search steps" }).fill("webhook");
  await page.keyboard.press("Enter");
  await card("Webhook").waitFor();
  await page.getByRole("textbox", { name: "Path" }).fill("webinar-guests");

  // From the palette, by dragging.
  await page.getByRole("button", { name: "Add step" }).click();
  await page.getByRole("combobox", { name: "Search steps" }).fill("set fields");
  await page.getByRole("option", { name: /Set fields/ }).dragTo(canvas(), { targetPosition: { x: 420, y: 480 } });
  await card("Set fields").waitFor();
  await page.keyboard.press("Escape");

  // Connected by hand, unless dropping it did that already.
  if ((await canvas().locator(".react-flow__edge").count()) === 0) {
    const from = await boxAtRest(card("Webhook").locator(".react-flow__handle-bottom"));
    const to = await boxAtRest(card("Set fields").locator(".react-flow__handle-top"));
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 12 });
    await page.mouse.up();
  }
  await until("the arrow", async () => (await canvas().locator(".react-flow__edge").count()) === 1);

  // Undo and redo what was last done.
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+Shift+z");
  await until("the arrow again", async () => (await canvas().locator(".react-flow__edge").count()) === 1);

  // A pill dragged from the webhook's data into a field shows its value at once.
  await openStep("Set fields");
  const step = page.getByRole("complementary", { name: "Step “Set fields”" });
  await step.getByRole("button", { name: "Add a field" }).click();
  await step.getByRole("textbox", { name: /name/i }).last().fill("company");
  await step.getByRole("button", { name: "Data", exact: true }).click();
  const pill = page.getByRole("treeitem", { name: /^Company, Analytical Engines/ });
  await pill.dragTo(step.locator(".cm-content").last());
  await step.getByRole("img", { name: /Field: .*Company/i }).waitFor();
  await step.getByText("Analytical Engines").last().waitFor();

  // One step alone, then the whole draft.
  await step.getByRole("button", { name: "Test step" }).click();
  await step.getByRole("tabpanel").getByText("Analytical Engines").waitFor();
  await page.getByRole("button", { name: "Run draft" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run draft" }).click();
  await page.getByText(/Run finished in/).waitFor();
  await card("Set fields").getByText("Done").waitFor();
  await page.getByRole("button", { name: /Back to editing/ }).click();

  await page.getByText(/^Saved/).first().waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await expectAccessible(page, "the publish dialog");
  await page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("dialog", { name: "Version 1 is live" }).waitFor();
});

test("4. the copied curl line starts a run that is found in the history", async () => {
  await page.getByRole("dialog").getByRole("button", { name: "Copy curl" }).click();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(curl, /^curl /);
  assert.ok(curl.includes(`${server.url}/hooks/webinar-guests`), curl);
  const { stdout } = await promisify(execFile)("bash", ["-c", `${curl} --silent --show-error`]);
  const { run_id: run } = JSON.parse(stdout);
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();

  await page.goto(`${server.url}/runs`);
  await page.getByRole("searchbox").or(page.getByRole("textbox", { name: /search/i })).first().fill(run);
  await until("only this run", async () => (await page.getByRole("row").count()) === 2);
  await expectAccessible(page, "the run history");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.waitForURL(`**/runs/${run}`);
  await card("Set fields").getByText("Done").waitFor();
});

test("5. leads show their score, reasons, owner and how it came about", async () => {
  await page.goto(`${server.url}/leads`);
  await page.getByRole("link", { name: "Ada Lovelace" }).first().waitFor();
  await expectAccessible(page, "the leads");
  await page.getByRole("link", { name: "Ada Lovelace" }).first().click();
  await page.getByText("Assigned to Ana Moreau").waitFor();
  await page.getByText("Stage changed to SQL").waitFor();
  await expectAccessible(page, "a lead's page");
  const [lead] = (await api(page, "GET", "/leads")).items;
  const { score, score_reasons } = await api(page, "GET", `/leads/${lead.id}`);
  assert.equal(score, 85);
  assert.equal(score_reasons.reduce((sum, { points }) => sum + points, 0), 85);
});

for (const [path, name] of [["/pools", "the pools"], ["/settings", "the settings"], ["/workflows", "the workflows"]]) {
  for (const scheme of ["light", "dark"]) {
    test(`${name} are accessible in ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${server.url}${path}`);
      await page.getByRole("heading").first().waitFor();
      await expectAccessible(page, name);
    });
  }
}

test("no page complained", () => {
  expectNoFaults(page);
});
