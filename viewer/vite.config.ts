import { defineConfig } from 'vite';

export default defineConfig({
  build: { outDir: '../dist/viewer', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 600 },
  // `npx vite viewer` develops against a daemon on its usual port.
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8650', ws: true } } },
});
