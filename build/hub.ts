/** `npm run hub -- [--home DIR] [--port N]`: a hub alone, in the user's data folder unless told otherwise. */
import { join } from 'node:path'
import { dataFolder } from './run/paths.ts'
import { endWithParent } from './run/parent.ts'

if (!process.argv.some((argument) => /^--home(=|$)/.test(argument)))
  process.argv.push('--home', join(dataFolder(), 'hub'))
endWithParent()
await import('../backend/hub/main.ts')
