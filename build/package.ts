/** `npm run package -- [electron-builder's options]`: builds everything, bundles the backend, and packs the app. */
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { bundleBackend } from './run/bundle.ts'
import { outFolder } from './run/paths.ts'
import { command } from './run/phases.ts'
import { buildIfStale } from './run/stale.ts'

await buildIfStale((line) => process.stdout.write(`${line}\n`))
await bundleBackend(join(outFolder, 'backend'))
const builder = join(dirname(createRequire(import.meta.url).resolve('electron-builder/package.json')), 'cli.js')
const { ok } = await command(process.execPath, [builder, '--publish', 'never', ...process.argv.slice(2)], true)
process.exitCode = ok ? 0 : 1
