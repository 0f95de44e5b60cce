// A policy is written and put in force; a lead gets an owner, who is warned and loses it while the clock of the server is
// set on. Somebody hands a lead on by hand, and an owner accepts one on its page. Every figure is compared with a count
// made from the clocks that the API lists.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Clock, Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const clock = await Clock.create();
let server;
let browser;
let page;
let flow;

before(async () => {
  if (!clock) return;
  server = await Server.start(["--empty"], clock.environment);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  const owners = [];
  for (const name of ["Ana", "Ben"]) {
    owners.push(await api(page, "POST", "/owners", { name, email: `${name.toLowerCase()}@example.com` }));
  }
  await api(page, "POST", "/owners", { name: "Eve", email: "eve@example.com" });
  const pool = await api(page, "POST", "/pools", { name: "AE" });
  const members = owners.map(({ id }) => ({ owner_id: id, weight: 1, active: true }));
  await api(page, "PUT", `/pools/${pool.id}`, { name: "AE", members });
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: {
      kind: "find_or_create_lead",
      title: "Find",
      config: { match_on: ["email"], fields: [{ name: "email", value: "{{ trigger.body.email }}" }] },
    },
    route: { kind: "route_lead", title: "Route lead", config: { lead: "{{ steps.find.lead }}", pool: "AE" } },
  };
  const edges = [{ from: "start", to: "find" }, { from: "find", to: "route" }];
  flow = await api(page, "POST", "/workflows", { document: { format: 1, name: "Route", steps, edges } });
  await api(page, "POST", `/workflows/${flow.id}/publish`, { base_revision: flow.draft_revision });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await clock?.remove();
});

afterEach(() => page && expectNoFaults(page));

const skip = clock ? false : "libfaketime is not installed (cargo xtask test installs it)";
const test = chain(() => page, { skip });
const dialog = () => page.getByRole("dialog");
const clocks = () => page.getByRole("table", { name: "Clocks" });
const leadOf = async (email) => (await api(page, "GET", `/leads?search=${email}`)).items[0];
const figure = (name) => page.locator("dl > div").filter({ hasText: name }).locator("dd").textContent();

async function send(email) {
  await api(page, "POST", `/workflows/${flow.id}/runs`, { payload: { email } });
  return until(`${email} to have an owner`, async () => {
    const lead = await leadOf(email);
    return lead?.owner ? lead : undefined;
  });
}

test("a policy is written in minutes and hours, read as sentences, and put in force", async () => {
  await page.goto(`${server.url}/sla`);
  await page.getByRole("heading", { name: "No service levels yet" }).waitFor();
  await expectAccessible(page, "service levels without any");
  await page.getByRole("button", { name: "New policy" }).first().click();
  await page.waitForURL("**/sla/*");
  await page.getByRole("checkbox", { name: "The owner accepts the lead" }).click();
  await page.getByRole("spinbutton", { name: "First response within" }).fill("1");
  await page.getByText("The owner answers for the first time within 1 h of the owner's working time").waitFor();
  await page.getByRole("combobox", { name: "First response: warn before, unit" }).click();
  await page.getByRole("option", { name: "minutes" }).click();
  await page.getByRole("spinbutton", { name: "First response: warn before" }).fill("15");
  await page.getByRole("checkbox", { name: "Count all hours" }).click();
  await page.getByRole("spinbutton", { name: "Times at most" }).fill("1");
  await page.getByText("within 1 h, and is warned 15 min before.").waitFor();
  await page.getByText("At a breach the next in the pool it came from gets the lead, once at most.").waitFor();
  await expectAccessible(page, "a policy");
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByRole("textbox", { name: "Why" }).fill("As promised on the website");
  await dialog().getByRole("button", { name: "Publish", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  await page.getByText("v1 in force").waitFor();
});

test("a lead starts a clock, and its owner is warned when time goes on", async () => {
  const lead = await send("ada@example.com");
  assert.equal(lead.owner.name, "Ana");
  await page.goto(`${server.url}/sla`);
  await clocks().getByRole("row", { name: /ada@example\.com Running First response Ana/ }).waitFor();
  assert.deepEqual([await figure("Running"), await figure("At risk"), await figure("Overdue")], ["1", "0", "0"]);
  await clock.set("+50m");
  await until("the warning to be written", async () => (await api(page, "GET", "/sla")).forecast.at_risk === 1);
  await page.reload();
  await clocks().getByRole("row", { name: /ada@example\.com At risk/ }).waitFor();
  assert.equal(await figure("At risk"), "1");
  await expectAccessible(page, "service levels");
});

test("at the breach the next in the pool has it, and the lead says why", async () => {
  await clock.set("+70m");
  const lead = await until("the lead to be handed on", async () => {
    const lead = await leadOf("ada@example.com");
    return lead.owner.name === "Ben" ? lead : undefined;
  });
  await page.reload();
  await clocks().getByRole("row", { name: /ada@example\.com Running First response Ben \(handed on once\)/ }).waitFor();
  const decisions = (await api(page, "GET", `/leads/${lead.id}/decisions`)).items;
  assert.deepEqual(decisions.map(({ owner, before }) => [owner, before]), [["Ben", "Ana"], ["Ana", null]]);
  const ana = decisions[0].decision.candidates.find(({ name }) => name === "Ana");
  assert.equal(ana.outcome, "excluded");
  assert.match(decisions[0].why, /^Ana did not take care of it in time\. Ben was next in the pool AE/);
  // One of one clock that ended was breached, so the one that runs is expected to be.
  const { forecast, clocks: open } = await api(page, "GET", "/sla");
  assert.equal(open.length, 1);
  assert.equal(await figure("Breaches expected today"), forecast.expected_today.toFixed(1));
  assert.equal(forecast.expected_today, forecast.due_today);
});

test("a lead is reassigned by hand, to somebody with a reason and to the next in a pool", async () => {
  const more = () => clocks().getByRole("button", { name: "First response of ada@example.com" });
  const reassign = async () => {
    await more().click();
    await page.getByRole("menuitem", { name: "Reassign…" }).click();
  };
  await reassign();
  await dialog().getByRole("radio", { name: "Somebody" }).click();
  await dialog().getByRole("button", { name: "Owner" }).click();
  await page.getByRole("option", { name: "Eve" }).click();
  const button = dialog().getByRole("button", { name: "Reassign", exact: true });
  assert.ok(await button.isDisabled(), "nobody is given a lead without a reason");
  await dialog().getByRole("textbox", { name: "Why" }).fill("Eve knows them");
  await expectAccessible(page, "reassigning");
  await button.click();
  await dialog().waitFor({ state: "detached" });
  await clocks().getByRole("row", { name: /ada@example\.com Running First response Eve/ }).waitFor();
  await reassign();
  await dialog().getByRole("combobox", { name: "Pool" }).waitFor();
  await button.click();
  await dialog().waitFor({ state: "detached" });
  const lead = await leadOf("ada@example.com");
  assert.ok(["Ana", "Ben"].includes(lead.owner.name), lead.owner.name);
  const [latest, before] = (await api(page, "GET", `/leads/${lead.id}/decisions`)).items;
  assert.deepEqual([latest.before, latest.decision.pool, before.owner, before.decision], ["Eve", "AE", "Eve", null]);
  await clocks().getByRole("row", { name: new RegExp(`First response ${lead.owner.name}`) }).waitFor();
});

test("an owner accepts a lead on its page, which meets the clock", async () => {
  const [policy] = (await api(page, "GET", "/rulebooks/sla_policy")).items;
  const draft = { ...policy.draft, accept: { within: 30, warn_before: 5 } };
  const saved = await api(page, "PUT", `/rulebooks/sla_policy/${policy.id}`, { base_revision: policy.revision, draft });
  await api(page, "POST", `/rulebooks/sla_policy/${policy.id}/publish`, { base_revision: saved.revision });
  const lead = await send("grace@example.com");
  await page.goto(`${server.url}/leads/${lead.id}`);
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("button", { name: "Accept" }).waitFor({ state: "detached" });
  const { items } = await api(page, "GET", `/leads/${lead.id}/clocks`);
  assert.deepEqual(items.map(({ kind, state }) => [kind, state]).sort(), [["accept", "met"], ["respond", "running"]]);
});
