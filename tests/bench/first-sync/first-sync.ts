/**
 * A device's first sync: 100,000 messages from a prepared snapshot over HTTP, checked, written to the encrypted store
 * and indexed, each time in a new process. Beside it better-sqlite3 alone, and PouchDB with its server.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { JOINING } from '../../../backend/workstation/hub/joined.ts'
import { Process } from '../../world/process.ts'
import { atLeast, measured } from '../bench.ts'
import type { Measured, Say } from '../bench.ts'
import { runScript } from '../child.ts'
import { withFolder } from '../folders.ts'
import { installPouch } from '../pouchdb/pouchdb.ts'
import { median, ratios, rounded, spread } from '../statistics.ts'
import type { Cost } from '../statistics.ts'
import { writeSnapshot } from '../stores.ts'

const MESSAGES = 100_000
const ROUNDS = 3
/** PouchDB takes so long that its times differ little. */
const POUCH_ROUNDS = 2
/** What PouchDB is given beside its own batches of a hundred documents: the size at which it was fastest here. */
const POUCH_BATCH = '1000'
const IN_ONE = '1000000000'

const Ready = z.object({ ready: z.literal(true), url: z.string() })
const Taken = z.object({ ms: z.number(), cpu: z.number() })
const Replicated = Taken.extend({ indexed: z.number() })
const Written = Taken.extend({ stored: z.record(z.string(), z.number()) })
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const snapshot = join(folder, 'snapshot.ndjson')
    await writeSnapshot(snapshot, MESSAGES)
    const beside = await besideBare(snapshot, folder, say)
    const pouch = await besidePouch(snapshot, folder, say)
    const own = median(beside.ours.ms)
    const share = ratios(beside.bare.ms, beside.ours.ms)
    return measured(atLeast(rounded(median(share)), 0.5), {
      messages: MESSAGES,
      'ours, ms': spread(beside.ours.ms),
      'ours, messages a second': rounded(MESSAGES / (own / 1000)),
      'bare, same transactions, ms': spread(beside.bare.ms),
      'bare, one transaction, ms': spread(beside.atOnce.ms),
      'share of bare': spread(share),
      'processor time, ms': {
        ours: rounded(median(beside.ours.cpu)),
        bare: rounded(median(beside.bare.cpu)),
        'bare, one transaction': rounded(median(beside.atOnce.cpu)),
        'PouchDB, the device alone': rounded(median(pouch.usual.cpu)),
      },
      'PouchDB, ms': spread(pouch.usual.ms),
      [`PouchDB, batches of ${POUCH_BATCH}, ms`]: spread(pouch.large.ms),
      'PouchDB, with the index that a thread needs, ms': spread(pouch.indexed),
      'times as fast as PouchDB': atLeast(rounded(median(pouch.usual.ms) / own), 10),
      [`times as fast as PouchDB in batches of ${POUCH_BATCH}`]: rounded(median(pouch.large.ms) / own),
    })
  })
}

class Series {
  readonly ms: number[] = []
  readonly cpu: number[] = []

  add({ ms, cpu }: Cost): string {
    this.ms.push(ms)
    this.cpu.push(cpu)
    return `${(ms / 1000).toFixed(1)} s`
  }
}

/** One new folder after the other. */
function folders(within: string): () => string {
  let n = 0
  return () => {
    n += 1
    const folder = join(within, String(n))
    mkdirSync(folder)
    return folder
  }
}

async function besideBare(snapshot: string, folder: string, say: Say) {
  const next = folders(folder)
  const feed = await Process.start(script('feed.ts'), [snapshot], {}, Ready)
  const [ours, bare, atOnce] = [new Series(), new Series(), new Series()]
  for (let round = 1; round <= ROUNDS; round++) {
    const own = await runScript(script('device.ts'), [feed.url, next()], Written)
    const same = await runScript(script('bare.ts'), [snapshot, next(), String(JOINING.rows)], Written)
    const one = await runScript(script('bare.ts'), [snapshot, next(), IN_ONE], Written)
    if (!isDeepStrictEqual(own.stored, same.stored)) throw new Error('the two sides stored different things')
    say(`first-sync ${round}/${ROUNDS}: ours ${ours.add(own)}, bare ${bare.add(same)}, in one ${atOnce.add(one)}`)
  }
  await feed.stop()
  return { ours, bare, atOnce }
}

async function besidePouch(snapshot: string, folder: string, say: Say) {
  installPouch(say)
  mkdirSync(join(folder, 'pouch'))
  const next = folders(join(folder, 'pouch'))
  const server = await Process.start(script('../pouchdb/server.ts'), [snapshot, next()], {}, Ready)
  const [usual, large] = [new Series(), new Series()]
  const indexed: number[] = []
  const device = (...batch: string[]) =>
    runScript(script('../pouchdb/device.ts'), [server.url, next(), ...batch], Replicated)
  for (let round = 1; round <= POUCH_ROUNDS; round++) {
    const own = await device()
    const fast = await device(POUCH_BATCH)
    indexed.push(own.indexed)
    say(`first-sync, PouchDB ${round}/${POUCH_ROUNDS}: ${usual.add(own)}, in large batches ${large.add(fast)}`)
  }
  await server.stop()
  return { usual, large, indexed }
}
