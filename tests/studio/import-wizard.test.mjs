// A real list through the wizard: what was found, columns, preview, run, owners, result, undo. The counts on the page are
// compared with a slow recount of the file.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, shared, until } from "./harness.mjs";

const source = join(shared, "data/leads.csv");
const skip = existsSync(source) ? false : `there is no ${source}; set TRUNKLINE_SHARED to the folder that holds data/leads.csv`;

let server;
let browser;
let page;
let ids;
let columns;

const step = chain(() => page, { skip });
const summary = () => api(page, "GET", "/leads/summary");
const number = (count) => count.toLocaleString("en");
/** The figure over a label such as "New leads". */
const figure = async (label) => {
  const text = await page.getByRole("list", { name: "Rows by what becomes of them" }).getByText(label, { exact: true }).locator("xpath=preceding-sibling::span").textContent();
  return Number(text.replaceAll(",", ""));
};

before(async () => {
  if (skip) return;
  const [header, ...lines] = (await readFile(source, "utf8")).trimEnd().split(/\r?\n/);
  columns = header.split(",").length;
  ids = lines.map((line) => line.split(",", 1)[0]);
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step("the empty page says how an import goes", async () => {
  await page.getByRole("link", { name: "Leads", exact: true }).first().click();
  await page.getByRole("link", { name: "Imports" }).click();
  await page.getByRole("heading", { name: "How an import goes" }).waitFor();
  await expectAccessible(page, "imports, empty");
});

step("a list is uploaded, and what it is and holds is found out", async () => {
  await page.getByLabel("Choose a list to import").setInputFiles(source);
  await page.getByRole("heading", { name: "What we found" }).waitFor();
  await page.getByText(`${number(ids.length)} rows, ${columns} columns`).waitFor();
  const mapped = page.getByRole("button", { name: "Field for Prospect ID" });
  assert.match(await mapped.textContent(), /External ID/);
  await expectAccessible(page, "imports, columns");
});

step("leads are to go to a list and to the next in a pool", async () => {
  await page.getByRole("button", { name: "Give to" }).click();
  await page.getByRole("option", { name: /^Account executives/ }).click();
  await page.getByRole("combobox", { name: "Move to the stage" }).click();
  await page.getByRole("option", { name: "MQL" }).click();
});

step("the preview counts every row and writes nothing", async () => {
  await page.getByRole("button", { name: /^Preview/ }).click();
  await page.getByRole("button", { name: /^Import .* leads$/ }).waitFor({ timeout: 60_000 });
  assert.equal(await figure("New leads"), new Set(ids).size);
  assert.equal(await figure("Duplicates"), ids.length - new Set(ids).size);
  assert.equal(await figure("Cannot be used"), 0);
  await page.getByText("a placeholder, so it counts as missing").first().waitFor();
  assert.equal((await summary()).total, 0);
  await expectAccessible(page, "imports, preview");
});

step("the run does what the preview told, and every lead has an owner", async () => {
  await page.getByRole("button", { name: /^Import .* leads$/ }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: 120_000 });
  assert.equal(await figure("New leads"), new Set(ids).size);
  const { total, by_owner, by_stage } = await summary();
  assert.equal(total, new Set(ids).size);
  const owned = by_owner.filter(({ owner }) => owner).reduce((sum, { count }) => sum + count, 0);
  assert.equal(owned, total);
  assert.equal(by_stage.find(({ stage }) => stage === "MQL")?.count, total);
  // Weights of the pool are 2, 1 and 1.
  const shares = by_owner.filter(({ owner }) => owner).map(({ count }) => count).sort((a, b) => b - a);
  assert.ok(Math.abs(shares[0] - total / 2) <= 1 && Math.abs(shares[1] - total / 4) <= 1, shares.join());
  await expectAccessible(page, "imports, result");
});

step("the run can be opened, and the import stands in the list", async () => {
  await page.getByRole("link", { name: "Imports" }).first().click();
  await page.getByRole("link", { name: "leads.csv" }).waitFor();
  await page.getByRole("link", { name: "leads.csv" }).click();
  await page.getByRole("link", { name: "Open the run" }).click();
  await page.getByText("Rows of the list").first().waitFor();
  await page.goBack();
});

step("an undo takes the leads back", async () => {
  await page.getByRole("button", { name: "Undo this import" }).click();
  await page.getByRole("button", { name: "Undo the import" }).click();
  await page.getByRole("heading", { name: "Undone" }).waitFor({ timeout: 120_000 });
  await until("the leads to be gone", async () => (await summary()).total === 0);
});

step("nothing went wrong in the browser", async () => {
  expectNoFaults(page);
});
