// Looks a contact up in HubSpot. An example of a plugin that calls another system with credentials it never sees.
import { answer, failureOf, plugin, request } from "../../sdk/js/index.js";

const FIELDS = ["firstname", "lastname", "jobtitle", "company", "lifecyclestage"];

const about = {
  format: 1,
  name: "contact-lookup",
  title: "Contact lookup",
  version: "1.0.0",
  summary: "Finds what HubSpot knows of somebody.",
  help: "Reads one contact by its e-mail address, with the connection you choose. It changes nothing there.",
  icon: "person",
  capabilities: { connections: ["hubspot"] },
  steps: [
    {
      name: "look_up",
      title: "Look a contact up",
      summary: "Finds what HubSpot knows of an e-mail address.",
      shelf: "connect",
      keywords: ["enrich", "crm", "hubspot"],
      effect: "read",
      settings: {
        type: "object",
        properties: {
          connection: {
            type: "string",
            title: "Connection",
            description: "The HubSpot account that is asked.",
            "x-ui": "connection",
            "x-app": "hubspot",
          },
          email: { type: "string", title: "E-mail", description: "Whom to look for." },
        },
        required: ["connection", "email"],
      },
      defaults: { connection: "" },
      ports: [
        { id: "found", label: "found" },
        { id: "unknown", label: "unknown" },
      ],
      examples: [
        {
          settings: { connection: "01890000-0000-7000-8000-000000000000", email: "ada@example.com" },
          answers: [{ status: 200, body: { properties: { firstname: "Ada", jobtitle: "Countess" } } }],
          output: { firstname: "Ada", jobtitle: "Countess" },
        },
        {
          settings: { connection: "01890000-0000-7000-8000-000000000000", email: "nobody@example.com" },
          answers: [{ status: 404, body: {} }],
          output: null,
          port: "unknown",
        },
      ],
    },
  ],
};

function look_up({ connection, email }) {
  const path = `${encodeURIComponent(email)}?idProperty=email&properties=${FIELDS.join(",")}`;
  const found = request(`https://api.hubapi.com/crm/v3/objects/contacts/${path}`, { connection });
  if (found.status === 404) return answer(null, { port: "unknown", why: `HubSpot does not know ${email}.` });
  if (found.status !== 200) throw failureOf(found, "HubSpot");
  const { properties } = found.json();
  const known = Object.fromEntries(FIELDS.filter((name) => properties[name]).map((name) => [name, properties[name]]));
  return answer(known);
}

export const { describe, run } = plugin({ about, steps: { look_up } });
