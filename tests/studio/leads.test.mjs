// The leads page as people use it: an own field made and filled, a search, a filter built by clicking, columns chosen and
// put in order, a view kept and opened again, all that match changed by a job, a file taken out, a timeline looked through.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before } from "node:test";
import {
  api,
  chain,
  expectAccessible,
  expectNoFaults,
  openBrowser,
  openPage,
  Server,
  setUp,
  until,
} from "./harness.mjs";

const LEADS = 24;
const countries = ["Germany", "Austria", "France"];
const people = Array.from({ length: LEADS }, (_, n) => ({
  email: `person${n}@corp.example`,
  first_name: n === 5 ? "=Zoe" : `Person ${n}`,
  country: countries[n % 3],
  size: n * 10,
}));

let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--empty"]);
  browser = await openBrowser();
  page = await openPage(browser, { acceptDownloads: true });
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const total = async (query) => (await api(page, "GET", `/leads?${query}`)).total;
const rows = () => page.getByRole("table", { name: "Leads" }).getByRole("row");
const heads = async () =>
  (await page.getByRole("table", { name: "Leads" }).getByRole("columnheader").allTextContents()).filter(
    Boolean,
  );
const shows = (count) =>
  until(`${count} leads in the table`, async () => (await rows().count()) === count + 1);

async function pick(label, option, within = page) {
  await within.getByRole("button", { name: label, exact: true }).click();
  await page.getByRole("combobox", { name: "Search" }).fill(option);
  await page.getByRole("option", { name: option }).first().click();
}

async function takeIn() {
  const fields = [
    ["email", "email"],
    ["first_name", "first_name"],
    ["country", "country"],
    ["company_size", "size"],
  ].map(([name, from]) => ({ name, value: `{{ trigger.body.${from} }}` }));
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: { kind: "find_or_create_lead", title: "Find", config: { match_on: ["email"], fields } },
  };
  const document = { format: 1, name: "Intake", steps, edges: [{ from: "start", to: "find" }] };
  const flow = await api(page, "POST", "/workflows", { document });
  await api(page, "POST", `/workflows/${flow.id}/publish`, { base_revision: flow.draft_revision });
  await api(page, "POST", `/workflows/${flow.id}/events`, { events: people.map((body) => ({ body })) });
  await until("all leads to be there", async () => (await total("")) === LEADS);
}

test("an empty page teaches", async () => {
  await page.goto(`${server.url}/leads`);
  await page.getByRole("heading", { name: "No leads yet" }).waitFor();
  await expectAccessible(page, "the leads page without leads");
  await takeIn();
});

test("a field of one's own is made under Rules", async () => {
  await page.goto(`${server.url}/fields`);
  await page.getByRole("heading", { name: "No fields of your own yet" }).waitFor();
  await expectAccessible(page, "fields without any");
  await page.getByRole("button", { name: "New field" }).click();
  const dialog = page.getByRole("dialog", { name: "New field" });
  await dialog.getByRole("textbox", { name: "Label" }).fill("Plan");
  await dialog.getByRole("combobox", { name: "Type" }).click();
  await page.getByRole("option", { name: "One choice" }).click();
  await dialog.getByRole("textbox", { name: "Choices" }).fill("Free\nPro");
  await dialog.getByRole("button", { name: "Add the field" }).click();
  await page.getByRole("cell", { name: "plan", exact: true }).waitFor();
  await expectAccessible(page, "the fields");
});

test("typing finds leads, and the address keeps what was typed", async () => {
  await page.goto(`${server.url}/leads`);
  await shows(LEADS);
  await page.getByRole("searchbox", { name: "Find leads by name, e-mail or company" }).fill("person7@");
  await shows(1);
  await page.waitForURL(/search=person7/);
  await page.getByRole("searchbox", { name: "Find leads by name, e-mail or company" }).fill("");
  await shows(LEADS);
});

test("a filter is built by clicking and found in the address again", async () => {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  const panel = page.getByRole("dialog", { name: "Filter the leads" });
  await pick("Field of line 1 of the filter", "Country", panel);
  await panel.getByRole("textbox", { name: "Value of line 1 of the filter" }).fill("Austria");
  await expectAccessible(page, "the filter");
  await panel.getByRole("button", { name: "Show these leads" }).click();
  const expected = people.filter(({ country }) => country === "Austria").length;
  await shows(expected);
  await page.getByRole("button", { name: "Filter: 1 line" }).waitFor();
  const copy = await openPage(browser, { storageState: await page.context().storageState() });
  await copy.goto(page.url());
  await until(
    "the same leads for a colleague",
    async () => (await copy.getByRole("table", { name: "Leads" }).getByRole("row").count()) === expected + 1,
  );
  await copy.context().close();
});

test("columns are chosen, put in order and sorted by", async () => {
  await page.getByRole("button", { name: "Columns", exact: true }).click();
  await pick("Add a column", "Company size");
  const order = page.getByRole("list", { name: "Columns in their order" });
  await order.getByRole("button", { name: "Hide Company", exact: true }).click();
  await order.getByRole("button", { name: "Move Company size forward" }).click();
  await expectAccessible(page, "the columns");
  await page.keyboard.press("Escape");
  await until(
    "the columns in the table",
    async () => (await heads()).join() === "Name,Stage,Score,Owner,Company size,Changed",
  );
  await page.getByRole("columnheader", { name: "Changed" }).getByRole("button").click();
  await page.waitForURL(/sort=-updated_at/);
  assert.equal(
    await page.getByRole("columnheader", { name: "Changed" }).getAttribute("aria-sort"),
    "descending",
  );
});

test("all of it is kept as a view and opened again", async () => {
  await page.getByRole("button", { name: "Save as view" }).click();
  const dialog = page.getByRole("dialog", { name: "Save as view" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Austrians");
  await dialog.getByRole("button", { name: "Save the view" }).click();
  await page.waitForURL(/view=/);
  await page.goto(`${server.url}/leads`);
  await shows(LEADS);
  await page.getByRole("combobox", { name: "View" }).click();
  await page.getByRole("option", { name: "Austrians" }).click();
  await shows(people.filter(({ country }) => country === "Austria").length);
  assert.equal((await heads()).includes("Company size"), true);
});

test("what is exported is what is seen, and no formula", async () => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    (async () => {
      await page.getByRole("button", { name: "Export", exact: true }).click();
      await page.getByRole("menuitem", { name: "As CSV" }).click();
    })(),
  ]);
  const text = (await readFile(await download.path(), "utf8")).replace("\ufeff", "");
  const [head, ...lines] = text.trim().split("\r\n");
  assert.equal(head, "Name,Stage,Score,Owner,Company size,Changed");
  const expected = people.filter(({ country }) => country === "Austria");
  assert.equal(lines.length, expected.length);
  const names = expected.map(({ first_name }) => first_name).sort();
  assert.deepEqual(lines.map((line) => line.split(",")[0].replace("'=", "=")).sort(), names);
  assert.equal(
    lines.some((line) => line.startsWith("=")),
    false,
    text,
  );
});

test("all that match are changed by a job that says how many and how far", async () => {
  await page.goto(`${server.url}/leads`);
  await shows(LEADS);
  await page.getByRole("button", { name: "Change all that match" }).click();
  const dialog = page.getByRole("dialog", { name: `Change ${LEADS} leads` });
  await pick("Field", "Plan", dialog);
  await dialog.getByRole("combobox", { name: "Value" }).click();
  await page.getByRole("option", { name: "Pro" }).click();
  await expectAccessible(page, "a change of many leads");
  await dialog.getByRole("button", { name: `Change ${LEADS} leads` }).click();
  const running = page.getByRole("dialog", { name: "Changing many leads" });
  await running.getByText(`Done. ${LEADS} leads: ${LEADS} changed`).waitFor();
  await running.getByRole("link", { name: "Open the job" }).click();
  await page.waitForURL("**/jobs/*");
  await page
    .getByRole("heading", { name: new RegExp(`${LEADS} leads`) })
    .first()
    .waitFor();
  const { items } = await api(page, "GET", "/leads?columns=fields.plan&limit=50");
  assert.equal(
    items.every(({ values }) => values["fields.plan"] === "Pro"),
    true,
  );
});

test("a lead shows its field, takes another value, and its timeline is looked through", async () => {
  await page.goto(`${server.url}/leads?search=person7%40`);
  await page.getByRole("link", { name: "Person 7" }).click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Plan" }).click();
  await page.getByRole("option", { name: "Free" }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page
    .getByRole("definition")
    .filter({ hasText: /^Free$/ })
    .waitFor();
  const id = new URL(page.url()).pathname.split("/").pop();
  await api(page, "PATCH", `/leads/${id}`, { stage: "MQL" });
  await page.reload();
  const parts = page.getByRole("group", { name: "Show of the timeline" });
  await parts.getByRole("button", { name: /^Stage and score/ }).click();
  await until(
    "one entry of the timeline",
    async () =>
      (await page.getByText("Updated Plan").count()) === 0 && (await page.getByText(/MQL/).count()) > 0,
  );
  await parts.getByRole("button", { name: /^Record/ }).click();
  await page.getByText("Updated Plan").first().waitFor();
  await page.getByText("Details").first().click();
  await page.getByText("Pro → Free").waitFor();
  await expectAccessible(page, "a lead");
});

test("a field in use says by what", async () => {
  const rule = { all: [{ field: "plan", op: "equals", value: "Pro" }] };
  await api(page, "POST", "/rulebooks/segment", { name: "Paying", draft: { rule } });
  await page.goto(`${server.url}/fields`);
  await page.getByRole("button", { name: "Remove Plan" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove “Plan”?" });
  await dialog.getByText("Paying").waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Remove the field" }).count(), 0);
});
