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
/** PouchDB's own batches are of a hundred documents; with larger ones it is faster. */
const POUCH_BATCH = '1000'
const IN_ONE = '1000000000'

const Ready = z.object({ ready: z.literal(true), url: z.string() })
const Taken = z.object({ ms: z.number(), cpu: z.number() })
const Replicated = Taken.extend({ indexed: z.number() })
const Written = Taken.extend({ stored: z.record(z.string(), z.number()) })
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    installPouch(say)
    const snapshot = join(folder, 'snapshot.ndjson')
    await writeSnapshot(snapshot, MESSAGES)
    const next = folders(folder)
    const feed = await Process.start(script('feed.ts'), [snapshot], {}, Ready)
    const server = await Process.start(script('../pouchdb/server.ts'), [snapshot, next()], {}, Ready)
    try {
      return figuresOf(await rounds({ snapshot, feed: feed.url, pouch: server.url, next, say }))
    } finally {
      await server.stop()
      await feed.stop()
    }
  })
}

type Setting = { snapshot: string; feed: string; pouch: string; next: () => string; say: Say }

async function rounds({ snapshot, feed, pouch, next, say }: Setting) {
  const [ours, bare, atOnce, usual, large] = [new Series(), new Series(), new Series(), new Series(), new Series()]
  const indexed: number[] = []
  const replicate = (...batch: string[]) =>
    runScript(script('../pouchdb/device.ts'), [pouch, next(), ...batch], Replicated)
  for (let round = 1; round <= ROUNDS; round++) {
    const own = await runScript(script('device.ts'), [feed, next()], Written)
    const same = await runScript(script('bare.ts'), [snapshot, next(), String(JOINING.rows)], Written)
    const one = await runScript(script('bare.ts'), [snapshot, next(), IN_ONE], Written)
    if (!isDeepStrictEqual(own.stored, same.stored)) throw new Error('the two sides stored different things')
    say(`first-sync ${round}/${ROUNDS}: ours ${ours.add(own)}, bare ${bare.add(same)}, in one ${atOnce.add(one)}`)
    const replicated = await replicate()
    indexed.push(replicated.indexed)
    say(`  PouchDB ${usual.add(replicated)}, in large batches ${large.add(await replicate(POUCH_BATCH))}`)
  }
  return { ours, bare, atOnce, usual, large, indexed }
}

function figuresOf({ ours, bare, atOnce, usual, large, indexed }: Awaited<ReturnType<typeof rounds>>): Measured {
  const share = ratios(bare.ms, ours.ms)
  return measured(atLeast(rounded(median(share)), 0.5), {
    messages: MESSAGES,
    'ours, ms': spread(ours.ms),
    'ours, messages a second': rounded(MESSAGES / (median(ours.ms) / 1000)),
    'bare, same transactions, ms': spread(bare.ms),
    'bare, one transaction, ms': spread(atOnce.ms),
    'share of bare': spread(share),
    'PouchDB, ms': spread(usual.ms),
    [`PouchDB, batches of ${POUCH_BATCH}, ms`]: spread(large.ms),
    'PouchDB, with the index that a thread needs, ms': spread(indexed),
    'times as fast as PouchDB': atLeast(rounded(median(ratios(usual.ms, ours.ms))), 10),
    'times as fast, by round': spread(ratios(usual.ms, ours.ms)),
    [`times as fast, batches of ${POUCH_BATCH}, by round`]: spread(ratios(large.ms, ours.ms)),
    'times as fast, with the index, by round': spread(ratios(indexed, ours.ms)),
    'processor time, ms': {
      ours: rounded(median(ours.cpu)),
      bare: rounded(median(bare.cpu)),
      'bare, one transaction': rounded(median(atOnce.cpu)),
      'PouchDB, the device alone': rounded(median(usual.cpu)),
    },
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
