import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./test/mock.ts";

// `--mode mock` answers /api from synthetic records, so that screens can be looked at without a hub.
export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : [])],
  // The policy allows no data: address, so nothing is inlined.
  build: { assetsInlineLimit: 0, sourcemap: false, target: "es2022", chunkSizeWarningLimit: 1200 },
  worker: { format: "es" },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  test: { include: ["src/**/*.test.ts"] },
}));
