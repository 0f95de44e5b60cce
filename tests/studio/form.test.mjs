// Triggers and steps that are more than a box: a hosted form, a schedule, a loop that calls another server, a wait.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { Server, api, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let elsewhere;
let browser;
let page;

before(async () => {
  elsewhere = createServer(answer).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  server = await Server.start(["--allow-hosts", "127.0.0.1"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  elsewhere?.close();
});

afterEach(() => expectNoFaults(page));

/** Somebody else's service: knows the size of companies, but not of every one. */
function answer(request, response) {
  const domain = new URL(request.url, "http://elsewhere").searchParams.get("domain");
  const size = { "analytical.example": 120, "navy.example": 4000 }[domain];
  response.writeHead(size ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(size ? { domain, size } : { error: "unknown company" }));
}

const canvas = () => page.locator(".react-flow");
const card = (title) => canvas().locator(".react-flow__node", { hasText: title });
const panel = () => page.getByRole("complementary", { name: /^Step “/ });
const dialog = () => page.getByRole("dialog");

async function newWorkflow(name, trigger) {
  await page.goto(`${server.url}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.waitForURL(/\/workflows\/[0-9a-f-]+$/);
  await page.getByRole("textbox", { name: "Workflow name" }).fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Start here" }).getByRole("button", { name: trigger }).click();
  await panel().waitFor();
}

/** Runs a draft made from `document` and opens the run. */
async function run(document, payload) {
  const { id } = await api(page, "POST", "/workflows", { document });
  const { run_id } = await api(page, "POST", `/workflows/${id}/runs`, { draft: true, payload });
  await page.goto(`${server.url}/runs/${run_id}`);
  return run_id;
}

test("a form is built, published, filled in wrong and right, and starts a run", async () => {
  await newWorkflow("Talk to sales", /^Form/);
  await panel().getByRole("textbox", { name: "Path" }).fill("talk-to-sales");
  await panel().getByRole("textbox", { name: "Heading" }).fill("Talk to sales");
  await panel().getByRole("button", { name: "Add a field" }).click();
  await panel().getByRole("textbox", { name: "Label of field 4" }).fill("Employees");
  await panel().getByRole("combobox", { name: "Type of field 4" }).click();
  await page.getByRole("option", { name: "Number" }).click();
  await expectAccessible(page, "the set-up of a form");
  await page.getByText(/^Saved/).first().waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("dialog", { name: "Version 1 is live" }).waitFor();
  await dialog().getByText(`${server.url}/forms/talk-to-sales`).first().waitFor();

  // A visitor, who is not signed in.
  const visitor = await openPage(browser);
  await visitor.goto(`${server.url}/forms/talk-to-sales`);
  await visitor.getByRole("heading", { name: "Talk to sales" }).waitFor();
  await expectAccessible(visitor, "the form");
  await visitor.getByLabel("First name").fill("Ada");
  await visitor.getByLabel("Employees").fill("many");
  await visitor.getByRole("button", { name: "Send" }).click();
  await visitor.getByRole("alert").waitFor();
  await visitor.getByText("Please fill this in.").waitFor();
  await visitor.getByText("Please write a number.").waitFor();
  assert.equal(await visitor.getByLabel("Work e-mail").getAttribute("aria-invalid"), "true");
  assert.equal(await visitor.getByLabel("First name").inputValue(), "Ada", "what was right is kept");
  await expectAccessible(visitor, "the form with corrections");

  await visitor.getByLabel("Work e-mail").fill("ada@analytical.example");
  await visitor.getByLabel("Employees").fill("120");
  await visitor.getByRole("button", { name: "Send" }).click();
  await visitor.getByRole("status").getByText(/Thank you/).waitFor();
  await expectAccessible(visitor, "the thank-you page");
  // Chromium notes the refusal of the first attempt.
  expectNoFaults(visitor, /^Failed to load resource: the server responded with a status of 422/);
  await visitor.context().close();

  await dialog().getByRole("button", { name: "Done" }).click();
  await page.getByRole("link", { name: "Runs", exact: true }).last().click();
  const rows = page.getByRole("table", { name: "Runs" }).getByRole("row");
  await until("the run of the form", async () => (await rows.count()) === 2);
  await rows.nth(1).getByText("Completed").waitFor();
  await rows.nth(1).getByRole("link").first().click();
  await page.getByRole("complementary", { name: "Selected step" }).getByText("ada@analytical.example").first().waitFor();
  const [{ id }] = (await api(page, "GET", "/runs?limit=1")).items;
  const { steps } = await api(page, "GET", `/runs/${id}`);
  assert.deepEqual(steps[0].output.body, { first_name: "Ada", email: "ada@analytical.example", company: null, employees: 120 });
});

test("a schedule says in words when it runs, ten times ahead", async () => {
  await newWorkflow("Weekly report", /^Schedule/);
  const times = panel().getByRole("listitem").filter({ hasText: /\d\d:\d\d/ });
  await times.first().waitFor();
  await panel().getByRole("button", { name: "Show the next 10" }).click();
  await until("ten times", async () => (await times.count()) === 10);
  assert.match(await times.first().textContent(), /^Next: /);

  await panel().getByRole("combobox").first().click();
  await page.getByRole("option", { name: "My own pattern" }).click();
  for (const [box, value] of [["Minute", "30"], ["Hour", "8"], ["Day", "*"], ["Month", "*"], ["Weekday", "1-5"]]) {
    await panel().getByRole("textbox", { name: new RegExp(`^${box}`, "i") }).fill(value);
  }
  await panel().getByText("At 08:30, Monday to Friday").waitFor();
  await until("ten times at half past eight", async () => {
    const all = await times.allTextContents();
    return all.length === 10 && all.every((words) => words.includes("08:30") && !/Saturday|Sunday/.test(words));
  });
  await expectAccessible(page, "the set-up of a schedule");

  await panel().getByRole("textbox", { name: /^Hour/i }).fill("25");
  await panel().getByRole("alert").first().waitFor();
});

test("a loop asks another server for each item, and its run is looked at item by item", async () => {
  const { port } = elsewhere.address();
  const ask = { method: "GET", url: `http://127.0.0.1:${port}/companies`, query: [{ name: "domain", value: "{{ item.domain }}" }] };
  const id = await run(
    {
      format: 1,
      name: "Company sizes",
      steps: {
        start: { kind: "manual", title: "Start", config: {} },
        each: {
          kind: "loop",
          title: "Each company",
          config: { items: "{{ trigger.body.companies }}", parallel: 1, on_item_error: "collect" },
          body: { steps: { ask: { kind: "http_request", title: "Ask for the size", config: ask } }, edges: [] },
        },
        after: { kind: "stop", title: "All asked", config: {} },
      },
      edges: [{ from: "start", to: "each" }, { from: "each", to: "after" }],
    },
    { companies: [{ domain: "analytical.example" }, { domain: "nobody.example" }, { domain: "navy.example" }] },
  );
  await card("All asked").getByText("Done").waitFor();
  const { steps } = await api(page, "GET", `/runs/${id}`);
  const each = steps.find(({ step, frame }) => step === "each" && frame === "");
  assert.equal(each.output.count, 3);
  assert.equal(each.output.failed, 1);

  await card("Each company").getByRole("button", { name: /Open body/ }).click();
  const items = page.getByRole("region", { name: "Items of Each company" });
  await items.getByText(/of 3/).waitFor();
  await items.getByText("1 failed").waitFor();
  const facts = page.getByRole("complementary", { name: "Selected step" });
  const choose = async (item) => {
    await items.getByRole("combobox").or(items.getByRole("button", { name: /Which item is shown/ })).first().click();
    await page.getByRole("option", { name: item }).click();
    await card("Ask for the size").click();
  };
  await choose(/^1st item/);
  await facts.getByText("120").first().waitFor();
  await choose(/^2nd item · failed/);
  await card("Ask for the size").getByText("Failed").waitFor();
  await facts.getByText(/404/).first().waitFor();
  await expectAccessible(page, "one item of a loop");
  await items.getByRole("button", { name: "Item after" }).click();
  await card("Ask for the size").click();
  await facts.getByText("4000").first().waitFor();
  await items.getByRole("button", { name: "Whole workflow" }).click();
  await card("All asked").waitFor();
});

test("a wait says until when, and can be cancelled", async () => {
  const id = await run(
    {
      format: 1,
      name: "Follow up later",
      steps: {
        start: { kind: "manual", title: "Start", config: {} },
        pause: { kind: "wait", title: "Two days of patience", config: { amount: 2, unit: "days" } },
        after: { kind: "stop", title: "Then go on", config: {} },
      },
      edges: [{ from: "start", to: "pause" }, { from: "pause", to: "after" }],
    },
    {},
  );
  await card("Two days of patience").getByText(/^Waiting until \d.*\d\d:\d\d$/).waitFor();
  await card("Two days of patience").click();
  await page.getByRole("complementary", { name: "Selected step" }).getByText(/^Waiting until .*\d\d:\d\d\.$/).waitFor();
  await expectAccessible(page, "a waiting run");

  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel the run" }).click();
  await card("Two days of patience").getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: "Cancel run" }).waitFor({ state: "detached" });
  assert.equal((await api(page, "GET", `/runs/${id}`)).status, "cancelled");
  await page.goto(`${server.url}/runs?status=cancelled`);
  await page.getByRole("row", { name: /Cancelled/ }).waitFor();
});
