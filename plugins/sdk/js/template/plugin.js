// What the plugin is, and a function for each of its steps. `trunkline plugin build` makes a component of it.
import { answer, plugin } from "./trunkline.js";

const about = {
  format: 1,
  name: "NAME",
  title: "TITLE",
  version: "0.1.0",
  summary: "Says hello.",
  icon: "puzzle",
  // What it wants to reach. An administrator sees and approves it; nothing else is within reach.
  // capabilities: { hosts: ["api.example.com"], connections: ["hubspot"], state: true },
  steps: [
    {
      name: "greet",
      title: "Say hello",
      summary: "Greets somebody by name.",
      shelf: "data",
      // pure only computes, read looks something up, write changes something.
      effect: "pure",
      settings: {
        type: "object",
        properties: { name: { type: "string", title: "Name", description: "Whom to greet." } },
        required: ["name"],
      },
      // Tests, documentation and placeholders at once; `trunkline plugin test` tries them.
      examples: [{ settings: { name: "Ada" }, output: { greeting: "Hello Ada" } }],
    },
  ],
};

function greet({ name }) {
  return answer({ greeting: `Hello ${name}` });
}

export const { describe, run } = plugin({ about, steps: { greet } });
