// An OpenAPI document becomes a connector: chosen from, corrected, tried against a real server, installed, used in a
// workflow, and imported again with a difference before anything changes.

import { after, afterEach, before } from "node:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const KEY = "canary-4711";
let server;
let app;
let folder;
let browser;
let page;
const asked = [];

before(async () => {
  app = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${body}`.trim());
      const known = request.headers["x-key"] === KEY;
      response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify(known ? { id: "7", name: "Ada Lovelace" } : { message: "this key is not known" }));
    });
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  folder = await mkdtemp(join(tmpdir(), "trunkline-openapi-"));
  await writeFile(join(folder, "acme.json"), JSON.stringify(document(false)));
  await writeFile(join(folder, "acme-2.json"), JSON.stringify(document(true)));
  await writeFile(join(folder, "page.html"), "<html><body>Our API</body></html>");
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  app?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// What is refused answers with its code, which the browser notes down.
afterEach(() => expectNoFaults(page, /422|409/));

const test = chain(() => page);

function document(second) {
  const person = {
    type: "object",
    properties: { id: { type: "string" }, name: { type: "string" } },
  };
  const answers = { 200: { description: "ok", content: { "application/json": { schema: person } } } };
  const address = {
    type: "object",
    properties: { city: { type: "string" }, country: { type: "string", enum: ["DE", "GB"] } },
  };
  const fields = {
    email: { type: "string", format: "email", description: "How they are reached." },
    stage: { type: "string", enum: ["new", "won"] },
    address,
    ...(second ? { source: { type: "string" } } : {}),
  };
  return {
    openapi: "3.0.3",
    info: { title: "Acme", version: second ? "2" : "1", description: "People who buy engines." },
    servers: [{ url: `http://127.0.0.1:${app.address().port}/v1` }],
    security: [{ key: [] }],
    paths: {
      "/people/{id}": {
        get: {
          operationId: "getPerson",
          summary: "Get a person",
          tags: ["People"],
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
          responses: answers,
        },
      },
      "/people": {
        post: {
          operationId: "addPerson",
          summary: "Add a person",
          tags: ["People"],
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: { type: "object", required: second ? ["email", "source"] : ["email"], properties: fields },
              },
            },
          },
          responses: answers,
        },
      },
      "/files": {
        post: {
          operationId: "upload",
          summary: "Upload a picture",
          tags: ["Files"],
          requestBody: { required: true, content: { "multipart/form-data": {} } },
          responses: {},
        },
      },
      ...(second
        ? { "/people/{id}/notes": { get: { operationId: "notes", summary: "List notes", tags: ["People"], responses: answers } } }
        : {}),
    },
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "X-Key" } } },
  };
}

const choose = (name) => page.getByLabel("Choose an OpenAPI document").setInputFiles(join(folder, name));
const go = () => page.getByRole("button", { name: "Continue" }).click();

test("the gallery shows what every app can do, and finds it", async () => {
  await page.goto(`${server.url}/settings`);
  await page.getByRole("link", { name: "Connectors", exact: true }).click();
  await page.getByRole("heading", { name: /HubSpot/ }).waitFor();
  await expectAccessible(page, "the gallery of connectors");
  const search = page.getByRole("searchbox", { name: "Search apps and what they can do" });
  await search.fill("post a message");
  await page.getByRole("heading", { name: /Slack/ }).waitFor();
  assert.equal(await page.getByRole("heading", { name: /HubSpot/ }).count(), 0);
  await search.fill("nothing like this");
  await page.getByRole("heading", { name: "Nothing fits “nothing like this”" }).waitFor();
  await search.fill("");
});

test("what is no document is refused with its code and a way on", async () => {
  await page.getByRole("button", { name: "Add a connector" }).click();
  await page.getByRole("menuitem", { name: "From OpenAPI" }).click();
  await page.getByText("Drop an OpenAPI document here").waitFor();
  await expectAccessible(page, "the first step of the import");
  await choose("page.html");
  await page.getByRole("alert").getByText(/web page/).waitFor();
  await page.getByRole("link", { name: /CONN-0041/ }).waitFor();
});

test("operations are chosen, and what cannot be used says why", async () => {
  await choose("acme.json");
  await page.getByRole("heading", { name: /Acme/ }).waitFor();
  await page.getByText(/multipart\/form-data, which a step cannot send/).waitFor();
  assert.ok(await page.getByRole("checkbox", { name: "Upload a picture" }).isDisabled());
  await page.getByRole("searchbox", { name: "Search operations" }).fill("person");
  await page.getByRole("button", { name: "Tick these 2" }).click();
  await page.getByText("2 of 3 operations chosen").waitFor();
  await page.reload();
  await page.getByText("2 of 3 operations chosen").waitFor();
  await page.getByRole("button", { name: "More about Add a person" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Add a buyer");
  await expectAccessible(page, "the operations of a document");
  await go();
});

test("the address and the sign-in are shown to be confirmed", async () => {
  const address = page.getByRole("textbox", { name: "Address" });
  assert.equal(await address.inputValue(), `http://127.0.0.1:${app.address().port}/v1`);
  await address.fill("ftp://nothing");
  await go();
  await page.getByRole("link", { name: /CONN-00/ }).first().waitFor();
  await address.fill(`http://127.0.0.1:${app.address().port}/v1`);
  await page.getByRole("button", { name: "Change Key" }).click();
  assert.equal(await page.getByRole("textbox", { name: "Its name" }).inputValue(), "X-Key");
  await expectAccessible(page, "address and sign-in of an import");
  await go();
});

test("it is tried with a real call before anything is installed", async () => {
  await page.getByRole("textbox", { name: "ID" }).waitFor();
  await page.getByLabel("Key", { exact: true }).fill("wrong-key");
  await page.getByRole("button", { name: "Call it" }).click();
  await page.getByText("It did not work").waitFor();
  await page.getByText(/this key is not known/i).waitFor();
  await page.getByLabel("Key", { exact: true }).fill(KEY);
  await page.getByRole("button", { name: "Call it" }).click();
  await page.getByText("It works").waitFor();
  await page.getByText("Ada Lovelace").waitFor();
  await expectAccessible(page, "a trial");
  assert.ok(asked.some((what) => what.startsWith("GET /v1/people/")));
  const { items } = await api(page, "GET", "/connectors");
  assert.deepEqual(items, []);
  await page.getByRole("button", { name: "Go on to install" }).click();
});

test("it is installed, and its steps are in the palette", async () => {
  await page.getByRole("list", { name: "Actions" }).getByText("Add a buyer").waitFor();
  await page.getByRole("button", { name: "Show the manifest" }).click();
  assert.match(await page.getByLabel("Text of the manifest").inputValue(), /repeat: uncertain/);
  await expectAccessible(page, "what is installed");
  await page.getByRole("button", { name: "Install", exact: true }).click();
  await page.getByRole("heading", { name: /Acme/ }).waitFor();
  await page.getByText("Installed 1.0.0").waitFor();
  const { items } = await api(page, "GET", "/step-kinds");
  const kind = items.find((one) => one.kind === "acme.add_person");
  assert.equal(kind.title, "Acme: add a buyer");
});

test("a workflow uses it like any other app, nested fields and choices included", async () => {
  const connection = await api(page, "POST", "/connections", {
    app: "acme",
    name: "Our Acme",
    auth: "key",
    secrets: { key: KEY },
  });
  const workflow = {
    format: 1,
    name: "Greet",
    steps: {
      start: { kind: "manual", title: "Start", config: {} },
      add: { kind: "acme.add_person", title: "Add", config: { connection: connection.id } },
    },
    edges: [{ from: "start", to: "add" }],
  };
  const { id } = await api(page, "POST", "/workflows", { document: workflow });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.locator(".react-flow__node", { hasText: "Add" }).click();
  await page.getByText("How they are reached.").waitFor();
  await page.getByRole("button", { name: /^Stage/ }).or(page.getByLabel("Stage")).first().waitFor();
  await page.getByText("City").first().waitFor();
  const { draft } = await api(page, "GET", `/workflows/${id}`);
  const config = { connection: connection.id, email: "ada@x.example", stage: "new", address: { city: "Ulm" } };
  const document = { ...draft, steps: { ...draft.steps, add: { ...draft.steps.add, config } } };
  const { draft_revision } = await api(page, "GET", `/workflows/${id}`);
  await api(page, "PUT", `/workflows/${id}/draft`, { document, base_revision: draft_revision });
  const { run_id } = await api(page, "POST", `/workflows/${id}/runs`, { payload: {}, draft: true });
  await until("the run to end", async () => (await api(page, "GET", `/runs/${run_id}`)).status === "completed");
  const sent = asked.find((what) => what.startsWith("POST /v1/people "));
  assert.equal(sent, 'POST /v1/people {"email":"ada@x.example","stage":"new","address":{"city":"Ulm"}}');
});

test("imported again, it shows what changes before it does", async () => {
  await page.goto(`${server.url}/settings/connectors`);
  await page.getByRole("button", { name: "More about Acme" }).click();
  await page.getByRole("menuitem", { name: "Import again" }).click();
  await page.getByText(/A newer document of/).waitFor();
  await choose("acme-2.json");
  await page.getByText("Import again", { exact: true }).waitFor();
  await page.getByText("2 of 4 operations chosen").waitFor();
  await page.getByRole("checkbox", { name: "List notes" }).click();
  await page.getByRole("checkbox", { name: "Get a person" }).click();
  await go();
  assert.equal(await page.getByRole("textbox", { name: "Version" }).inputValue(), "1.1.0");
  await go();
  await page.getByRole("button", { name: "Go on to install" }).click();
  await page.getByRole("region", { name: "Actions added" }).getByText("List notes").waitFor();
  await page.getByRole("region", { name: "Actions removed" }).getByText("Get a person").waitFor();
  const changed = page.getByRole("region", { name: "Actions changed" });
  await changed.getByText(/the input Source is new and must be given/).waitFor();
  await page.getByRole("list", { name: "What uses it" }).getByRole("link", { name: "Greet" }).waitFor();
  await expectAccessible(page, "what an upgrade changes");
  await page.getByRole("button", { name: "Upgrade" }).click();
  await page.getByText("Installed 1.1.0").waitFor();
});

test("it stays while it is used, and is switched off at once", async () => {
  await page.getByRole("button", { name: "More about Acme" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove “Acme”?" });
  await dialog.getByRole("link", { name: "Our Acme" }).waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Remove connector" }).count(), 0);
  await expectAccessible(page, "a connector that is used");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("switch", { name: "Acme is on" }).click();
  await page.getByText("Switched off").waitFor();
  const { items } = await api(page, "GET", "/step-kinds");
  assert.ok(!items.some((kind) => kind.kind.startsWith("acme.")));
  assert.ok(!(await page.content()).includes(KEY));
});
