import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { precompress } from './tools/precompress.ts';
import { serviceWorker } from './tools/service-worker-plugin.ts';

/** The binary that `npm run dev` stands in front of. */
const binary = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), svelteTesting(), serviceWorker(), precompress()],
  resolve: { alias: { $: fileURLToPath(new URL('src', import.meta.url)) } },
  server: {
    proxy: {
      '/api': binary,
      '/docs': binary,
      '/guide': binary,
      '/openapi.json': binary,
      '/ws': { target: binary, ws: true },
    },
  },
  build: {
    outDir: '../embed/dist/pages',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy knows 'self' only: nothing travels as data:.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    environment: 'jsdom',
    include: ['tests/unit/**/*.test.ts'],
    setupFiles: ['tests/unit/setup.ts'],
    css: false,
  },
});
