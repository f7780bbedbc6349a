import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** `npm run dev:fake` serves the pages on the in-memory double of the server that the unit tests use. */
function fakeServer(mode: string): Plugin {
  return {
    name: "cairn-fake-server",
    transformIndexHtml: (html) =>
      mode === "fake" ? html.replace("/src/main.tsx", "/src/test/main-fake.tsx") : html,
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), fakeServer(mode)],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: { proxy: { "^/cairn\\.": "http://127.0.0.1:7766" } },
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 10_000 },
}));
