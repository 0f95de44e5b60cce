// Finds the territory of a country in a table of its own. An example of a plugin that brings data along.
import { answer, plugin } from "../../sdk/js/index.js";
import { TERRITORIES } from "./table.js";

const BY_COUNTRY = new Map(
  Object.entries(TERRITORIES).flatMap(([territory, countries]) => countries.map((country) => [country, territory])),
);

const about = {
  format: 1,
  name: "territories",
  title: "Territories",
  version: "1.0.0",
  summary: "Knows which territory a country belongs to.",
  icon: "globe",
  steps: [
    {
      name: "find",
      title: "Find the territory",
      summary: "Gives the territory of a country, by its two-letter code.",
      shelf: "lead",
      keywords: ["region", "country", "sales"],
      effect: "pure",
      settings: {
        type: "object",
        properties: {
          country: { type: "string", title: "Country", description: "Its two-letter code, such as DE.", maxLength: 2 },
        },
        required: ["country"],
      },
      ports: [
        { id: "found", label: "found" },
        { id: "none", label: "no territory" },
      ],
      examples: [
        { settings: { country: "at" }, output: { territory: "DACH" } },
        { settings: { country: "JP" }, output: { territory: null }, port: "none" },
      ],
    },
  ],
};

function find({ country }) {
  const territory = BY_COUNTRY.get(country.toUpperCase());
  if (!territory) return answer({ territory: null }, { port: "none", why: `${country} is in no territory.` });
  return answer({ territory }, { why: `${country.toUpperCase()} belongs to ${territory}.` });
}

export const { describe, run } = plugin({ about, steps: { find } });
