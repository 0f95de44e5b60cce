// Cleans texts that people typed: spaces, quotes, and the noise of web forms. An example of a plugin that only computes.
import { answer, plugin } from "../../sdk/js/index.js";

const NOISE = new Set(["n/a", "na", "none", "null", "-", "--", ".", "test", "asdf", "select"]);

const about = {
  format: 1,
  name: "text-cleaner",
  title: "Text cleaner",
  version: "1.0.0",
  summary: "Cleans what people type into forms.",
  help: "Takes spaces, typographic quotes and placeholders out of a text, and tells what it did.",
  icon: "pencil",
  steps: [
    {
      name: "clean",
      title: "Clean a text",
      summary: "Takes spaces, quotes and placeholders out of a text.",
      shelf: "data",
      keywords: ["trim", "tidy", "placeholder"],
      effect: "pure",
      settings: {
        type: "object",
        properties: {
          text: { type: "string", title: "Text", description: "What somebody typed." },
          case: {
            type: "string",
            title: "Letters",
            description: "How the result is written.",
            enum: ["as_is", "lower", "title"],
            "x-labels": { as_is: "As they are", lower: "Small", title: "Capital at the beginning of words" },
            default: "as_is",
          },
        },
        required: ["text"],
      },
      defaults: { case: "as_is" },
      ports: [
        { id: "out", label: "something left" },
        { id: "empty", label: "nothing left" },
      ],
      examples: [
        { settings: { text: "  Ada\u00a0  \u201cLovelace\u201d ", case: "title" }, output: { text: 'Ada "Lovelace"' } },
        { settings: { text: " N/A " }, output: { text: "" }, port: "empty" },
      ],
    },
  ],
};

function clean({ text, case: letters = "as_is" }) {
  let kept = text
    .normalize("NFC")
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\s\u00a0\u200b]+/g, " ")
    .trim();
  if (NOISE.has(kept.toLowerCase())) {
    return answer({ text: "" }, { port: "empty", why: `"${kept}" is a placeholder.` });
  }
  if (letters === "lower") kept = kept.toLowerCase();
  if (letters === "title") kept = kept.replace(/\p{L}+/gu, (word) => word[0].toUpperCase() + word.slice(1));
  if (kept === "") return answer({ text: "" }, { port: "empty", why: "There was nothing but spaces." });
  return answer({ text: kept }, kept === text ? {} : { why: "It was tidied." });
}

export const { describe, run } = plugin({ about, steps: { clean } });
