import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./scripts/compressed.ts";

// The server of the API, while the console is worked on: POSTERN=http://localhost:8190 npm run dev
const server = process.env["POSTERN"] ?? "http://localhost:8080";
// The API answers pages of its own origin alone.
const api = { target: server, headers: { origin: server }, ws: true };

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { alias: { "~": new URL("src", import.meta.url).pathname } },
  // The server puts another one into the page each time; see services/edge-http/src/console.
  html: { cspNonce: "{{nonce}}" },
  build: {
    target: "es2023",
    // All that know `light-dark()`.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { port: 5180, strictPort: true, proxy: { "/graphql": api, "/auth": api } },
});
