import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The page is served by the API itself: no inline scripts or styles, everything under one origin.
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/vitascope/serve/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": { target: "http://127.0.0.1:8000", changeOrigin: true } } },
});
