/** Three bundles: the shell's main and preload scripts (CommonJS, as the sandbox and old Electrons want), and the screens. */
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'

const at = (path: string): string => resolve(import.meta.dirname, path)

/** A page opened at `/inbox/…` looks for its parts at the root; the build tool would have them beside the page. */
const rootedAssets: Plugin = {
  name: 'rooted-assets',
  enforce: 'post',
  config: (config) => void (config.base = '/'),
}

export default defineConfig({
  main: {
    build: {
      target: 'node18',
      outDir: at('out/main'),
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: at('electron/main/index.ts'),
        external: ['electron', 'electron-updater'],
        output: { format: 'cjs', entryFileNames: 'index.cjs', chunkFileNames: '[name].cjs' },
      },
    },
  },
  preload: {
    build: {
      target: 'node18',
      outDir: at('out/preload'),
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: at('electron/preload/index.ts'),
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: 'index.cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    base: '/',
    plugins: [vue(), rootedAssets],
    build: {
      target: 'chrome114',
      outDir: at('out/renderer'),
      emptyOutDir: true,
      // The page's policy is `script-src 'self'`: nothing inline, not even the preload polyfill.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: { input: at('renderer/index.html') },
    },
  },
})
