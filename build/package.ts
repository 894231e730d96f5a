/** `npm run package -- [electron-builder's options]`: builds everything, bundles the backend, and packs the app. */
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { build } from 'vite'
import { outFolder, root } from './run/paths.ts'
import { command } from './run/phases.ts'
import { buildIfStale } from './run/stale.ts'

/** The packaged backend: one file with everything inside but what has machine code. */
async function bundleBackend(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['better-sqlite3', '@node-rs/argon2'] },
    build: {
      ssr: true,
      target: 'node24',
      outDir: join(outFolder, 'backend'),
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: join(root, 'backend/workstation/main.ts'),
        output: { format: 'es', entryFileNames: 'index.mjs', codeSplitting: false },
      },
    },
  })
}

await buildIfStale((line) => process.stdout.write(`${line}\n`))
await bundleBackend()
const builder = join(dirname(createRequire(import.meta.url).resolve('electron-builder/package.json')), 'cli.js')
const { ok } = await command(process.execPath, [builder, '--publish', 'never', ...process.argv.slice(2)], true)
process.exitCode = ok ? 0 : 1
