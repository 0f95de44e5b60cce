import { expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64";

it("bytes come back as they went, also more than one call can take", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
  expect(fromBase64(toBase64(bytes.buffer))).toEqual(bytes);
  expect(toBase64(new Uint8Array([104, 105]).buffer)).toBe("aGk=");
});
