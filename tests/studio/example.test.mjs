// What a newcomer finds after the first start with the example company: leads with owners, an import with results, runs and
// decisions to open, and all leads scored again.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const LEADS = 51;
let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--example"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const step = chain(() => page);

step("the leads are there with owners, stages and scores", async () => {
  await page.goto(`${server.url}/leads`);
  await page.getByText(`${LEADS} in all`).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: /Noor Rahman/ }).waitFor();
  await expectAccessible(page, "leads of the example");
});

step("an import stands there done, and its result can be taken and its leads seen", async () => {
  await page.goto(`${server.url}/imports`);
  await page.getByRole("link", { name: "Trade fair visitors.csv" }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor();
  await page.getByRole("list", { name: "Rows by what becomes of them" }).getByText("New leads", { exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /every row/i }).click()]);
  assert.match(file.suggestedFilename(), /result\.csv$/);
  await expectAccessible(page, "the result of an import");
  await page.getByRole("link", { name: "See its leads" }).click();
  await page.getByText("13 match").waitFor();
  await page.getByRole("button", { name: "Of one import: remove this filter" }).waitFor();
});

step("a lead says to whom it went, by which table and who was passed over", async () => {
  await page.getByRole("link", { name: /Noor Rahman/ }).click();
  await page.getByText("Example: territories").first().waitFor();
  await page.getByText("Who was passed over, and why").first().click();
  await expectAccessible(page, "a lead of the example");
});

step("the runs of its leads can be opened, and one looked for duplicates", async () => {
  const workflow = (await api(page, "GET", "/workflows")).items.find(({ name }) => name === "Example: a list to its owners");
  await page.goto(`${server.url}/workflows/${workflow.id}/runs`);
  await page.getByRole("link", { name: /Noor Rahman/ }).first().click();
  await page.getByText("Is it somebody we know?").first().waitFor();
});

step("an account tells what happened to it and its leads", async () => {
  const account = (await api(page, "GET", "/accounts?search=Kestrel")).items[0];
  await page.goto(`${server.url}/accounts/${account.id}`);
  const timeline = page.locator("section, article, div").filter({ has: page.getByRole("heading", { name: "Timeline" }) }).last();
  await timeline.getByRole("link", { name: "Anouk de Vries" }).first().waitFor();
  await expectAccessible(page, "the timeline of an account");
});

step("all leads are scored again at a press", async () => {
  await page.goto(`${server.url}/scoring`);
  await page.getByRole("button", { name: "Score all leads again" }).click();
  await page.waitForURL("**/jobs/*");
  const job = page.url().split("/").pop();
  await until("the job", async () => (await api(page, "GET", `/jobs/${job}`)).status === "completed");
  await expectAccessible(page, "a job that scored every lead");
});
