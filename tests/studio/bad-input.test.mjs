// What people get wrong: each mistake is said in words, with its code and what to do, and the editor goes on working.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Server, api, boxAtRest, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;

before(async () => {
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const canvas = () => page.locator(".react-flow");
const card = (title) => canvas().locator(".react-flow__node", { hasText: title });
const panel = (title) => page.getByRole("complementary", { name: `Step “${title}”` });
const dialog = () => page.getByRole("dialog");
const toastWith = (words) => page.getByRole("listitem").filter({ hasText: words });

const START = { kind: "manual", title: "Start", config: {} };
const fields = (title, value) => ({ kind: "set_fields", title, config: { fields: [{ name: "greeting", value }] } });

function documentOf(steps, edges) {
  const layout = Object.fromEntries(Object.keys(steps).map((id, row) => [id, { x: 0, y: 130 * row }]));
  return { format: 1, name: "Mistakes", steps, edges, layout };
}

const chainOfThree = () =>
  documentOf(
    { start: START, first: fields("First", "hello"), second: fields("Second", "world") },
    [{ from: "start", to: "first" }, { from: "first", to: "second" }],
  );

async function open(document) {
  const { id } = await api(page, "POST", "/workflows", { document });
  await page.goto(`${server.url}/workflows/${id}`);
  await card("Start").waitFor();
  return id;
}

/** The publish dialog lists the code and does not publish; closes it again. */
async function expectNotPublishable(code) {
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByText(code).waitFor();
  await expectAccessible(page, "the publish dialog with problems");
  assert.ok(await dialog().getByRole("button", { name: "Publish", exact: true }).isDisabled());
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await dialog().waitFor({ state: "detached" });
}

/** The mistake is put right, and the workflow goes live. */
async function expectPublishable() {
  await page.getByText(/^Saved/).first().waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("dialog", { name: "Version 1 is live" }).waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
}

async function pasteOnCanvas(text) {
  await page.evaluate((words) => navigator.clipboard.writeText(words), text);
  await canvas().click({ position: { x: 60, y: 420 } });
  await page.keyboard.press("Control+v");
}

test("a circle cannot be drawn: the arrow is refused in words", async () => {
  const id = await open(chainOfThree());
  const from = await boxAtRest(card("Second").locator(".react-flow__handle-bottom"));
  const to = await boxAtRest(card("First").locator(".react-flow__handle-top"));
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2 + 40, to.y - 10, { steps: 8 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
  await page.mouse.up();
  await toastWith("A path may not lead back to itself; use a loop step instead").waitFor();
  assert.equal(await canvas().locator(".react-flow__edge").count(), 2);

  // The dialog for the keyboard does not even offer it.
  await card("Second").click();
  await page.keyboard.press("c");
  await dialog().getByText("Every step that could follow is connected already.").waitFor();
  await page.keyboard.press("Escape");
  assert.equal((await api(page, "GET", `/workflows/${id}`)).draft.edges.length, 2);
  await expectPublishable();
});

for (const { what, expression, code, says, advice } of [
  {
    what: "that cannot be understood",
    expression: "{{ 1 + }}",
    code: "EXP-0001",
    says: /This expression cannot be understood/,
    advice: /Check brackets and quotes/,
  },
  {
    what: "that never ends",
    expression: "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
    code: "EXP-0003",
    says: /takes too much work and was stopped/,
    advice: /Loop over fewer items/,
  },
  {
    what: "that explodes in size",
    expression: "{% for a in range(9000) %}{{ 'x' * 1000 }}{% endfor %}",
    code: "EXP-0004",
    says: /is too big/,
    advice: /Keep results under 8 MB/,
  },
]) {
  test(`an expression ${what} shows ${code} and what to do at its field`, async () => {
    await open(documentOf({ start: START, greet: fields("Greet", "hello") }, [{ from: "start", to: "greet" }]));
    await card("Greet").click();
    const field = panel("Greet").locator('[data-field="/fields"]');
    await field.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(expression);
    await field.getByText(says).first().waitFor();
    await field.getByText(advice).first().waitFor();
    assert.equal(await field.getByRole("link", { name: code }).first().getAttribute("href"), `/docs/errors/${code}`);
    await expectAccessible(page, `the field with ${code}`);

    if (code === "EXP-0001") await expectNotPublishable(code);
    else {
      // Only running shows it: the run fails at this step, with the same code.
      await page.getByRole("button", { name: "Run draft" }).click();
      await dialog().getByRole("button", { name: "Run draft" }).click();
      await page.getByText(/Run failed/).first().waitFor();
      await panel("Greet").getByText(code).first().waitFor();
      await page.getByRole("button", { name: /Back to editing/ }).click();
      await panel("Greet").getByRole("tab", { name: "Set up" }).click();
    }
    await field.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("hello again");
    await field.getByText(says).first().waitFor({ state: "detached" });
    await until("no problem to be left", async () => (await field.getByRole("link", { name: code }).count()) === 0);
    await expectPublishable();
  });
}

test("a step of an unknown kind can be pasted, is named as such, and removed", async () => {
  await open(chainOfThree());
  const strange = { kind: "teleport", title: "Beam up", config: { where: "there" } };
  await pasteOnCanvas(JSON.stringify({ trunkline: "steps", format: 1, steps: { beam: strange }, edges: [], layout: {}, samples: {} }));
  await card("Beam up").waitFor();
  await page.getByText(/^Saved/).first().waitFor();
  await expectNotPublishable("DOC-0005");
  await card("Beam up").click();
  await panel("Beam up").getByText("This server does not know steps of the kind “teleport”.").waitFor();
  await panel("Beam up").getByRole("link", { name: "DOC-0005" }).waitFor();
  await expectAccessible(page, "the panel of an unknown step");
  await card("Beam up").click();
  await page.keyboard.press("Delete");
  await card("Beam up").waitFor({ state: "detached" });
  await expectPublishable();
});

test("broken JSON is refused on the canvas, in the paste dialog and on import", async () => {
  const broken = '{ "format": 1, "steps": { "start": ';
  await open(chainOfThree());
  await pasteOnCanvas(broken);
  await toastWith("Nothing was pasted").getByRole("link", { name: "API-0002" }).waitFor();
  await expectAccessible(page, "the refusal of broken JSON");
  await pasteOnCanvas('{"colour":"red"}');
  await toastWith("neither a workflow nor copied steps").getByRole("link", { name: "API-0005" }).waitFor();
  // Ordinary text is none of the editor's business.
  assert.equal(await canvas().locator(".react-flow__node").count(), 3);

  await page.goto(`${server.url}/workflows`);
  await page.getByRole("button", { name: "New workflow" }).first().click();
  await page.getByRole("button", { name: "Paste JSON…" }).click();
  await dialog().getByRole("textbox", { name: "JSON" }).fill(broken);
  await dialog().getByRole("button", { name: "Use it" }).click();
  await dialog().getByRole("alert").getByRole("link", { name: "API-0002" }).waitFor();
  await dialog().getByRole("textbox", { name: "JSON" }).fill(JSON.stringify(chainOfThree()));
  await dialog().getByRole("button", { name: "Use it" }).click();
  await card("Second").waitFor();

  await importing(broken);
  await dialog().getByRole("alert").getByRole("link", { name: "API-0002" }).waitFor();
  await dialog().getByRole("textbox").fill(JSON.stringify({ ...chainOfThree(), colour: "red" }));
  await dialog().getByRole("button", { name: "Import", exact: true }).click();
  await dialog().getByRole("alert").getByText(/unknown field `colour`/i).waitFor();
  await dialog().getByRole("alert").getByRole("link", { name: "API-0005" }).waitFor();
  await expectAccessible(page, "a refused import");
  expectNoFaults(page, /^Failed to load resource: the server responded with a status of 422/);
  await page.keyboard.press("Escape");
});

/** Opens the import dialog from the workflow list and presses Import. */
async function importing(text) {
  await page.goto(`${server.url}/workflows`);
  await page.getByRole("button", { name: "Import" }).first().click();
  await dialog().getByRole("textbox").fill(text);
  await dialog().getByRole("button", { name: "Import", exact: true }).click();
}

test("an imported arrow to nowhere is named, and can be taken away", async () => {
  const document = chainOfThree();
  document.edges.push({ from: "second", to: "nobody" });
  await importing(JSON.stringify(document));
  await page.waitForURL(/\/workflows\/[0-9a-f-]+$/);
  await card("Second").waitFor();
  await expectNotPublishable("DOC-0006");
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByRole("button", { name: /Second: .*ends at no step/ }).click();
  await panel("Second").getByText(/ends at no step/).waitFor();
  await panel("Second").getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Disconnect from “nobody”" }).click();
  await panel("Second").getByText(/ends at no step/).waitFor({ state: "detached" });
  await expectPublishable();
});

test("circles in imported JSON are named with the steps that make them", async () => {
  const document = chainOfThree();
  document.edges.push({ from: "second", to: "first" });
  await importing(JSON.stringify(document));
  await page.waitForURL(/\/workflows\/[0-9a-f-]+$/);
  await card("Second").waitFor();
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByText(/lead back to themselves: First, Second/).waitFor();
  await page.keyboard.press("Escape");
  await expectNotPublishable("DOC-0008");
});
