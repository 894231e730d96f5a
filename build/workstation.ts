/** `npm run workstation -- --hub URL [--home DIR] [--port N]`: a workstation in browser mode against any hub. */
import { join } from 'node:path'
import { endWithParent } from './run/parent.ts'
import { dataFolder } from './run/paths.ts'
import { buildIfStale } from './run/stale.ts'

if (!process.argv.some((argument) => /^--home(=|$)/.test(argument)))
  process.argv.push('--home', join(dataFolder(), 'workstation'))
endWithParent()
await buildIfStale((line) => process.stderr.write(`${line}\n`))
await import('../backend/workstation/main.ts')
