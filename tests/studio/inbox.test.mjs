// What waits for a person, answered in the inbox and in the run itself; and a big loop that is paused and goes on.

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

/** What somebody else's service was sent: the keys of deals, and the rows it was asked about. */
const deals = [];
const rows = [];
/** Long enough for a person to press Pause while the loop goes on, in ms. */
const SLOW = 40;
const ROWS = 200;

/** Makes deals, but breaks off in the middle of the first one; answers questions about rows slowly. */
function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://elsewhere");
  if (pathname === "/rows") {
    rows.push(searchParams.get("row"));
    setTimeout(() => response.end("{}"), SLOW);
    return;
  }
  deals.push(request.headers["idempotency-key"]);
  if (deals.length === 1) return request.socket.destroy();
  response.writeHead(201, { "content-type": "application/json" });
  response.end('{"id":"deal-1"}');
}

const card = (title) => page.locator(".react-flow__node", { hasText: title });
const facts = () => page.getByRole("complementary", { name: "Selected step" });
const address = (path) => `http://127.0.0.1:${elsewhere.address().port}${path}`;

const START = { kind: "manual", title: "Start", config: {} };
const stop = (title) => ({ kind: "stop", title, config: {} });

/** Starts a run of a draft made from these steps. */
async function run(name, steps, edges, payload = {}) {
  const document = { format: 1, name, steps: { start: START, ...steps }, edges };
  const { id } = await api(page, "POST", "/workflows", { document });
  const { run_id } = await api(page, "POST", `/workflows/${id}/runs`, { draft: true, payload });
  return run_id;
}

const statusOf = async (id) => (await api(page, "GET", `/runs/${id}`)).status;

const ask = {
  kind: "approval",
  title: "Ask the sales lead",
  config: {
    title: "Give {{ trigger.body.company }} 15% off?",
    text: "They ask for 450 seats.",
    options: [{ id: "approved", label: "Approve" }, { id: "rejected", label: "Reject" }],
    patience: { amount: 2, unit: "days" },
  },
};

const askAndGoOn = () =>
  run(
    "Discounts",
    { ask, yes: stop("Send the offer"), no: stop("Say no kindly") },
    [{ from: "start", to: "ask" }, { from: "ask", port: "approved", to: "yes" }, { from: "ask", port: "rejected", to: "no" }],
    { company: "Analytical Engines" },
  );

test("an approval stands in the inbox, is answered by a key, and its run goes on", async () => {
  await page.goto(`${server.url}/inbox`);
  await page.getByRole("heading", { name: "Nothing waits for you" }).waitFor();
  await expectAccessible(page, "the empty inbox");

  const id = await askAndGoOn();
  // It appears by itself, in the navigation too.
  await page.getByRole("heading", { name: "Give Analytical Engines 15% off?" }).waitFor();
  await page.getByRole("link", { name: "Inbox, 1 waiting" }).waitFor();
  await page.getByText("due in 2 days").first().waitFor();
  await expectAccessible(page, "an approval in the inbox");
  assert.equal(await statusOf(id), "waiting");

  await page.getByRole("textbox", { name: /^Note/ }).fill("Good for the quarter");
  await page.getByRole("region", { name: "The open question" }).focus();
  await page.keyboard.press("1");
  await page.getByText("Answered: Approve", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "Nothing waits for you" }).waitFor();
  await until("the run to end", async () => (await statusOf(id)) === "completed");
  const { steps } = await api(page, "GET", `/runs/${id}`);
  const asked = steps.find(({ step }) => step === "ask");
  assert.equal(asked.port, "approved");
  assert.equal(asked.output.note, "Good for the quarter");
  assert.equal(steps.find(({ step }) => step === "no").status, "skipped");
});

test("the same question is answered in the run; a second answer comes too late", async () => {
  const id = await askAndGoOn();
  await page.goto(`${server.url}/runs/${id}`);
  await facts().getByRole("heading", { name: "Give Analytical Engines 15% off?" }).waitFor();
  await card("Ask the sales lead").getByText("Waiting").waitFor();
  await expectAccessible(page, "an approval in its run");
  const { items } = await api(page, "GET", "/inbox");
  assert.equal(items.length, 1);
  await facts().getByRole("button", { name: "Reject" }).click();
  await card("Say no kindly").getByText("Done").waitFor();
  await until("the run to end", async () => (await statusOf(id)) === "completed");

  await assert.rejects(api(page, "POST", `/inbox/${encodeURIComponent(items[0].id)}/answer`, { port: "approved" }), /409.*RUN-0020/);
  expectNoFaults(page, /status of 409/);
});

test("a write whose answer got lost is decided by a person and sent again under the same key", async () => {
  const deal = { kind: "http_request", title: "Create the deal", config: { method: "POST", url: address("/deals") } };
  const id = await run("Deals", { deal, after: stop("Deal is there") }, [{ from: "start", to: "deal" }, { from: "deal", to: "after" }]);
  await page.goto(`${server.url}/inbox?kind=decision`);
  await page.getByRole("heading", { name: /Create the deal.*happen/ }).waitFor();
  await page.getByText(`POST ${address("/deals")}`).waitFor();
  await page.getByText(/the run goes on without this step’s result/).waitFor();
  await expectAccessible(page, "a doubt in the inbox");

  await page.getByRole("link", { name: "See what happened before" }).click();
  await card("Create the deal").getByText("Outcome unknown").waitFor();
  await facts().getByRole("button", { name: /It did not, send it again/ }).click();
  await card("Deal is there").getByText("Done").waitFor();
  await until("the run to end", async () => (await statusOf(id)) === "completed");
  assert.equal(deals.length, 2);
  assert.ok(deals[0], "it carried a key");
  assert.equal(deals[0], deals[1]);
});

test("a big loop shows how far it is, is paused and resumed, and does no row twice", async () => {
  const items = Array.from({ length: ROWS }, (_, row) => row);
  const each = {
    kind: "loop",
    title: "Each row",
    config: { items: "{{ trigger.body.rows }}", parallel: 2, on_item_error: "collect" },
    body: {
      steps: { ask: { kind: "http_request", title: "Look it up", config: { method: "GET", url: `${address("/rows")}?row={{ item }}` } } },
      edges: [],
    },
  };
  const id = await run("Rows", { each, after: stop("All through") }, [{ from: "start", to: "each" }, { from: "each", to: "after" }], { rows: items });
  await page.goto(`${server.url}/runs/${id}`);
  const bar = page.getByRole("progressbar", { name: "Each row" });
  const through = async () => Number(await bar.getAttribute("aria-valuenow"));
  await until("some rows to be through", async () => (await through()) > 0);
  assert.equal(await bar.getAttribute("aria-valuemax"), String(ROWS));

  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("banner").or(page.locator("header")).getByText("Paused", { exact: true }).first().waitFor();
  assert.equal(await statusOf(id), "paused");
  await expectAccessible(page, "a paused run");
  // What was under way comes to its end; after that nothing is asked any more.
  await until("the rows under way to end", async () => {
    const { progress } = await api(page, "GET", `/runs/${id}`);
    return progress[0].done === rows.length;
  });
  const paused = rows.length;
  assert.ok(paused < ROWS, "it was paused on the way");
  await page.reload();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.equal(rows.length, paused);

  await page.getByRole("button", { name: "Resume" }).click();
  await card("All through").getByText("Done").waitFor({ timeout: 60_000 });
  assert.equal(rows.length, ROWS);
  assert.equal(new Set(rows).size, ROWS);
});
