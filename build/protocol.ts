/**
 * `npm run protocol`: records the shape of what goes over the wire for this PROTOCOL number, after it was changed on
 * purpose. With `-- --released`, as part of a release: from then on the number stands for this shape alone.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WireLock, recorded, wireNow } from '../backend/sync/wire.ts'
import { root } from './run/paths.ts'

const file = join(root, 'backend/sync/protocol.lock.json')
try {
  const lock = WireLock.parse(JSON.parse(readFileSync(file, 'utf8')))
  const next = recorded(lock, wireNow(), process.argv.includes('--released'))
  writeFileSync(file, `${JSON.stringify(next, null, 2)}\n`)
  const state = next.released ? 'released' : 'not released yet'
  console.log(`PROTOCOL ${next.protocol} (${state}): ${next.hash === lock.hash ? 'as it was' : 'recorded anew'}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
