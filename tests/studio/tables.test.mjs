// A table made, filled, pasted into, searched, imported and deleted; a workflow counts with it.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--empty"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const cell = (label) => page.getByRole("textbox", { name: label, exact: true });
const rows = async () => {
  const tables = await api(page, "GET", "/tables");
  const [table] = tables.items;
  return (await api(page, "GET", `/tables/${table.id}/rows`)).items.map(({ values }) => values);
};

/** Puts `text` on the clipboard and presses the keys that paste it. */
async function paste(text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+V");
}

test("an empty page teaches, and a table is made with typed columns", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tables" }).click();
  await page.getByRole("heading", { name: "No tables yet" }).waitFor();
  await page.getByText("Nothing is counted yet.").waitFor();
  await expectAccessible(page, "the empty page of tables");
  await page.getByRole("button", { name: "New table" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New table" });
  await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("Territories");
  await dialog.getByRole("textbox", { name: "Name of column 1" }).fill("Country");
  await dialog.getByRole("button", { name: "Add a column" }).click();
  await dialog.getByRole("textbox", { name: "Name of column 2" }).fill("Quota");
  await dialog.getByRole("combobox", { name: "What column 2 holds" }).click();
  await page.getByRole("option", { name: "Number" }).click();
  await expectAccessible(page, "the dialog of a new table");
  await dialog.getByRole("button", { name: "Make the table" }).click();
  await page.getByRole("heading", { name: "Territories" }).waitFor();
});

test("rows are typed like in a sheet, and what does not fit is said", async () => {
  await cell("Country of a new row").fill("DE");
  await page.keyboard.press("Enter");
  await cell("Country, row 1").waitFor();
  await cell("Quota, row 1").fill("many");
  await cell("Country, row 1").focus();
  await page.getByText("TABLE-0003").first().waitFor();
  await cell("Quota, row 1").fill("40");
  await page.keyboard.press("Enter");
  await until("the cell to be kept", async () => (await rows())[0].quota === 40);
});

test("a block of cells is pasted over rows and below them", async () => {
  await cell("Country, row 1").focus();
  await paste("FR\t10\nIT\t20\nES\t30\n");
  await cell("Country, row 3").waitFor();
  await until("three rows", async () => (await rows()).length === 3);
  assert.deepEqual(await rows(), [
    { country: "FR", quota: 10 },
    { country: "IT", quota: 20 },
    { country: "ES", quota: 30 },
  ]);
  await expectAccessible(page, "a table with rows");
});

test("rows are found, chosen and deleted", async () => {
  await page.getByRole("searchbox").fill("it");
  await until("one row to be left", async () => (await page.getByRole("checkbox").count()) === 1);
  await page.getByRole("checkbox", { name: "Choose row 1" }).click();
  await page.getByRole("button", { name: "Delete row" }).click();
  await page.getByText("No row matches").waitFor();
  await page.getByRole("searchbox").fill("");
  await cell("Country, row 2").waitFor();
});

test("a file is imported, and every row that was left out is named", async () => {
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog", { name: "Import rows" });
  const buffer = Buffer.from("Country,Quota\nfr,99\nPT,7\nGR,lots\n");
  await dialog.locator("input[type=file]").setInputFiles({ name: "t.csv", mimeType: "text/csv", buffer });
  await dialog.getByRole("combobox", { name: "Rows that are there already" }).click();
  await page.getByRole("option", { name: "Find them by Country" }).click();
  await dialog.getByRole("button", { name: "Import" }).click();
  await dialog.getByText("1 added, 1 changed, 0 were like that already, 1 left out.").waitFor();
  await dialog.getByRole("cell", { name: /Quota holds a number/ }).waitFor();
  await expectAccessible(page, "the report of an import");
  await dialog.getByRole("button", { name: "Done" }).click();
});

test("a workflow uses the table, and deleting it names the workflow", async () => {
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: { kind: "find_rows", title: "Look up the quota", config: { table: "Territories", conditions: [] } },
    count: { kind: "add_to_counter", title: "Count", config: { counter: "Look-ups", by: 1 } },
  };
  const edges = [{ from: "start", to: "find" }, { from: "find", to: "count" }];
  const made = await api(page, "POST", "/workflows", { document: { format: 1, name: "Quotas", steps, edges } });
  await api(page, "POST", `/workflows/${made.id}/publish`, { base_revision: made.draft_revision });
  const { run_id } = await api(page, "POST", `/workflows/${made.id}/runs`, { payload: {} });
  await until("the run to end", async () => (await api(page, "GET", `/runs/${run_id}`)).status === "completed");
  await page.getByRole("button", { name: "More about this table" }).click();
  await page.getByRole("menuitem", { name: "Delete table" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText("Quotas (Look up the quota)").waitFor();
  await dialog.getByRole("button", { name: "Delete table" }).click();
  await page.getByRole("heading", { name: "No tables yet" }).waitFor();
  const counter = page.getByRole("row", { name: /Look-ups/ });
  await counter.getByText("1", { exact: true }).waitFor();
  await counter.getByRole("button", { name: "Set “Look-ups”" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("12");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await counter.getByText("12", { exact: true }).waitFor();
  await expectAccessible(page, "the counters");
});
