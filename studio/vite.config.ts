import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where the API lives while developing; the studio itself is served by Vite then. */
const api = process.env.TRUNKLINE_API ?? "http://127.0.0.1:7878";
const proxied = { target: api, changeOrigin: false };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: { "/api": proxied, "/hooks": proxied, "/forms": proxied, "/docs/errors": proxied },
  },
  preview: {
    host: "127.0.0.1",
    port: 4173,
    proxy: { "/api": proxied, "/hooks": proxied, "/forms": proxied, "/docs/errors": proxied },
  },
  build: {
    outDir: "dist",
    target: "es2022",
    manifest: true,
    // The shell is one chunk by intent; scripts/check-size.mjs guards what counts, the gzipped first load.
    chunkSizeWarningLimit: 700,
    // Fonts and pictures stay files: the server answers with `font-src 'self'` and no data URLs.
    assetsInlineLimit: 0,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 30_000,
  },
});
