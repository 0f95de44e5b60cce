// Somebody sets a team up: owners with hours, days off and holidays, a pool with rules, and counters put right with a
// reason that everybody sees. What the pages say is compared with what the API keeps.

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
const dialog = () => page.getByRole("dialog");
const gone = () => dialog().waitFor({ state: "detached" });
const ownerOf = async (name) => (await api(page, "GET", "/owners")).items.find((owner) => owner.name === name);
const thePool = async () => (await api(page, "GET", "/pools")).items[0];

async function choose(scope, name, option) {
  await scope.getByRole("combobox", { name }).click();
  await page.getByRole("option", { name: option }).first().click();
}

test("a page without pools teaches", async () => {
  await page.goto(`${server.url}/pools`);
  await page.getByRole("heading", { name: "No pools yet" }).waitFor();
  await expectAccessible(page, "pools without any");
});

test("a calendar of holidays is in force as soon as it is saved", async () => {
  await page.getByRole("button", { name: "New calendar" }).click();
  await dialog().getByRole("textbox", { name: "Name" }).fill("Germany");
  await dialog().getByRole("button", { name: "Add holiday" }).click();
  await dialog().getByLabel("Holiday 1, first day").fill("2030-12-25");
  await dialog().getByLabel("Holiday 1, last day").fill("2030-12-26");
  await dialog().getByLabel("Holiday 1, what for").fill("Christmas");
  await expectAccessible(page, "a calendar");
  await dialog().getByRole("button", { name: "Save" }).click();
  await gone();
  await page.getByText("next: 25 Dec to 26 Dec, Christmas").waitFor();
  const [calendar] = (await api(page, "GET", "/rulebooks/calendar")).items;
  assert.deepEqual([calendar.version, calendar.draft.days.length], [1, 1]);
});

test("an owner gets hours in a time zone, days off, holidays, a team and a limit", async () => {
  await page.getByRole("button", { name: "New owner" }).click();
  await dialog().getByRole("textbox", { name: "Name" }).fill("Ana Moreau");
  await dialog().getByRole("textbox", { name: "E-mail" }).fill("ana@example.com");
  await dialog().getByRole("radio", { name: "Certain hours" }).click();
  await dialog().getByRole("textbox", { name: "Monday from" }).fill("10:00");
  await dialog().getByRole("textbox", { name: "Monday to" }).fill("9:00");
  await dialog().getByText("Write times as 09:00").waitFor();
  assert.ok(await dialog().getByRole("button", { name: "Add owner" }).isDisabled(), "hours that never open are not saved");
  await dialog().getByRole("textbox", { name: "Monday to" }).fill("15:30");
  await dialog().getByRole("button", { name: "Time zone" }).click();
  await page.getByRole("combobox", { name: "Search" }).fill("Berlin");
  await page.getByRole("option", { name: "Europe/Berlin" }).click();
  await choose(dialog(), "Holidays", "Germany");
  await dialog().getByRole("spinbutton", { name: "Open leads at most" }).fill("40");
  await dialog().getByRole("button", { name: "Team" }).click();
  await page.getByRole("combobox", { name: "Search" }).fill("DACH");
  await page.getByRole("option", { name: "New team “DACH”" }).click();
  await dialog().getByRole("button", { name: "Add days off" }).click();
  await dialog().getByLabel("Days off 1, first day").fill("2030-08-01");
  await dialog().getByLabel("Days off 1, last day").fill("2030-08-14");
  await dialog().getByLabel("Days off 1, what for").fill("Summer");
  await expectAccessible(page, "an owner");
  await dialog().getByRole("button", { name: "Add owner" }).click();
  await gone();
  await page.getByText("Mon 10:00–15:30; Tue to Fri 09:00–17:00").waitFor();
  const { work } = await ownerOf("Ana Moreau");
  assert.deepEqual(
    [work.zone, work.calendar, work.team, work.capacity, work.days_off, work.week.mon],
    ["Europe/Berlin", "Germany", "DACH", 40, [{ from: "2030-08-01", to: "2030-08-14", why: "Summer" }], [{ opens: "10:00", closes: "15:30" }]],
  );
});

test("somebody who is always at work needs no hours, and can be given some later", async () => {
  await page.getByRole("button", { name: "New owner" }).click();
  await dialog().getByRole("textbox", { name: "Name" }).fill("Ben Okafor");
  await dialog().getByRole("textbox", { name: "E-mail" }).fill("ben@example.com");
  await dialog().getByRole("radio", { name: "Always at work" }).click();
  await dialog().getByRole("button", { name: "Add owner" }).click();
  await gone();
  assert.equal((await ownerOf("Ben Okafor")).work, undefined);
  await page.getByRole("button", { name: "Change Ben Okafor" }).click();
  await dialog().getByRole("radio", { name: "Certain hours" }).click();
  await dialog().getByRole("button", { name: "Save" }).click();
  await gone();
  assert.equal((await ownerOf("Ben Okafor")).work.week.fri[0].opens, "09:00");
});

test("a pool gets members with weights, and rules that read as sentences", async () => {
  await page.getByRole("button", { name: "New pool" }).first().click();
  await dialog().getByRole("textbox", { name: "Name" }).fill("AE");
  await dialog().getByRole("button", { name: "Make the pool" }).click();
  await page.waitForURL("**/pools/*");
  await page.getByText("Nobody is in this pool yet").waitFor();
  for (const name of ["Ana Moreau", "Ben Okafor"]) {
    await page.getByRole("button", { name: "Add a member to AE" }).click();
    await page.getByRole("option", { name }).click();
  }
  await page.getByRole("spinbutton", { name: "Weight of Ana Moreau" }).fill("3");
  const row = page.getByRole("table", { name: "Members of AE" }).getByRole("row", { name: /Ana Moreau/ });
  await row.getByText("75%").waitFor();
  await page.getByRole("checkbox", { name: "Only members who are at work get leads" }).click();
  await page.getByRole("button", { name: "Add a cap" }).click();
  await page.getByRole("spinbutton", { name: "Cap 1, leads" }).fill("5");
  await page.getByRole("button", { name: "Add a condition" }).click();
  await page.getByText("Each member gets at most 5 leads a day where company size is 1000+.").waitFor();
  await choose(page, "When no member can take it", "Ben Okafor");
  await expectAccessible(page, "a pool");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Not saved").waitFor({ state: "detached" });
  const { rules, members } = await thePool();
  assert.deepEqual(members.map(({ owner_name, weight }) => [owner_name, weight]), [["Ana Moreau", 3], ["Ben Okafor", 1]]);
  assert.deepEqual(
    [rules.only_at_work, rules.fallback, rules.caps],
    [true, "Ben Okafor", [{ id: rules.caps[0].id, limit: 5, per: "day", when: [{ field: "company_size", kind: "number", is: "1000+" }] }]],
  );
});

test("a counter is put right with a reason, and who did it stays on the page", async () => {
  await page.getByRole("button", { name: "More for Ana Moreau" }).click();
  await page.getByRole("menuitem", { name: "Adjust counters…" }).click();
  await dialog().getByRole("spinbutton", { name: "Got so far" }).fill("12");
  const set = dialog().getByRole("button", { name: "Set the counters" });
  assert.ok(await set.isDisabled(), "nothing is set without a reason");
  await dialog().getByRole("spinbutton", { name: "Credit" }).fill("2");
  await dialog().getByRole("textbox", { name: "Why" }).fill("Back from parental leave");
  await expectAccessible(page, "adjusting counters");
  await set.click();
  await gone();
  const line = page.getByRole("table", { name: "Counters set by hand" }).getByRole("row").nth(1);
  await line.getByText("Leads given from 0 to 12, credit from 0 to 2").waitFor();
  await line.getByText("Back from parental leave").waitFor();
  const { id, members } = await thePool();
  const [done] = (await api(page, "GET", `/pools/${id}/adjustments`)).items;
  await line.getByText(done.by, { exact: true }).waitFor();
  assert.deepEqual(members.map(({ assigned, credit }) => [assigned, credit]), [[12, 2], [0, -2]]);
  await until("the counters to be shown", async () =>
    (await page.getByRole("row", { name: /Ana Moreau/ }).first().getByRole("cell").allTextContents()).includes("12"),
  );
});

test("the list shows the pool at a glance, and a pool can be deleted", async () => {
  await page.goto(`${server.url}/pools`);
  await page.getByText("75%, 12 so far").waitFor();
  await page.getByText("A lead that no member can take goes to Ben Okafor.").waitFor();
  await page.getByRole("link", { name: "AE" }).click();
  await page.getByRole("button", { name: "More for AE" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete pool" }).click();
  await page.waitForURL("**/pools");
  await page.getByRole("heading", { name: "No pools yet" }).waitFor();
  assert.equal((await api(page, "GET", "/pools")).items.length, 0);
});
