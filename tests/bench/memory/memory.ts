/**
 * What a workstation's backend keeps in memory with a million messages on the device: a real process with such a store
 * open, while a window searches, scrolls and reads, and the hub sends patches. Beside it a process with the same native
 * modules and nothing of ours. The budget is a size: the ratio is of it.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { bundleBackend } from '../../../build/run/bundle.ts'
import type { Conversation } from '../../../backend/domain/rows.ts'
import type { StandInHub } from '../../../backend/workstation/stand-ins/hub.ts'
import { Process } from '../../world/process.ts'
import { atMost, measured } from '../bench.ts'
import type { Measured, Say } from '../bench.ts'
import { CORPUS_END, OWNER } from '../corpus.ts'
import { cache, withFolder } from '../folders.ts'
import { LocalApi } from '../local-api.ts'
import { nextMessage } from '../next-message.ts'
import { median, rounded, spread } from '../statistics.ts'
import { PASSWORD, filledHome, moveToHub, startFeed } from '../stores.ts'
import { Watch, residentOf } from './resident.ts'

const MESSAGES = 1_000_000
const ROUNDS = 3
const SEARCHES = [
  '請問',
  '訂單',
  '陶杯',
  '宜蓁',
  '忠孝',
  '退款',
  '電話',
  '顏色',
  '麒麟',
  '預約',
  'GD1',
  '0912',
  '謝謝',
  '客服',
]
const LISTS = ['pending_person', 'open_team', 'closed_team'] as const
const PAGE = 200
/** How far each list is scrolled in a round. */
const SCROLLED = 6_000
const THREADS = 150
const PATCHES = 300
/** MB, which is a million bytes. */
const BUDGET = 200

const Ready = z.object({ ready: z.literal(true), url: z.string() })
const Rows = z.object({ total: z.number(), rows: z.array(z.object({ id: z.string() })) })
/** What the hub needs of a conversation to let its customer write; the rest is passed through. */
const View = z.object({ conversation: z.custom<Conversation>((value) => typeof value === 'object' && value !== null) })
const Texts = z.object({ messages: z.array(z.object({ ordinal: z.number() })) })

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const home = join(folder, 'home')
    await cp(await filledHome(MESSAGES, say), home, { recursive: true })
    const hub = await startFeed('')
    moveToHub(home, hub.url)
    const bare = await Process.start(fileURLToPath(new URL('bare.ts', import.meta.url)), [], {}, Ready)
    const backend = await bundleBackend(join(cache, 'backend'))
    const args = ['--hub', hub.url, '--home', home]
    const workstation = await Process.start(backend, args, { COUNTERTOP_LOG: 'warn' }, Ready)
    const watch = new Watch(workstation.pid)
    try {
      const started = await watch.highest()
      const api = new LocalApi(workstation.url)
      await api.signIn(OWNER.email, PASSWORD)
      const highest: Record<string, number[]> = { 'signing in': [await watch.highest()] }
      const bares: number[] = []
      for (let round = 1; round <= ROUNDS; round++) {
        for (const [name, work] of [
          ['searching', search],
          ['scrolling', scroll],
          ['patches', (window: LocalApi) => write(window, hub)],
        ] as const) {
          await work(api)
          highest[name] = [...(highest[name] ?? []), await watch.highest()]
        }
        bares.push(await residentOf(bare.pid))
        say(
          `memory ${round}/${ROUNDS}: ${Object.entries(highest).map(([name, all]) => `${name} ${rounded(all.at(-1) ?? 0)}`)} MB`,
        )
      }
      const most = Math.max(...Object.values(highest).flat())
      const after = await watch.now()
      return measured(atMost(rounded(most / BUDGET), 1), {
        messages: MESSAGES,
        'at most, MB': rounded(most),
        'budget, MB': BUDGET,
        'before anybody signs in, MB': rounded(started),
        'highest while, MB': Object.fromEntries(Object.entries(highest).map(([name, all]) => [name, spread(all)])),
        'afterwards, MB': rounded(after),
        'bare process, MB': spread(bares),
        'ratio to the bare process': rounded(most / median(bares)),
      })
    } finally {
      watch.stop()
      await workstation.stop()
      await bare.stop()
      await hub.stop()
    }
  })
}

async function search(api: LocalApi): Promise<void> {
  for (const word of SEARCHES) {
    for (let length = 1; length <= word.length; length++) {
      await api.get(`/api/search?q=${encodeURIComponent(word.slice(0, length))}`)
    }
  }
}

/** Through the lists, and into every so many a thread, to its beginning. */
async function scroll(api: LocalApi): Promise<void> {
  let threads = 0
  for (const list of LISTS) {
    for (let offset = 0; offset < SCROLLED; offset += PAGE) {
      const { total, rows } = Rows.parse(
        await api.get(`/api/conversations?list=${list}&limit=${PAGE}&offset=${offset}`),
      )
      for (const { id } of rows.filter((_, i) => i % 40 === 0).slice(0, Math.max(0, THREADS - threads))) {
        threads += 1
        await readThread(api, id)
      }
      if (offset + PAGE >= total) break
    }
  }
}

async function readThread(api: LocalApi, id: string): Promise<void> {
  for (let before = ''; ;) {
    const { messages } = Texts.parse(await api.get(`/api/conversations/${id}/messages?limit=60${before}`))
    const first = messages[0]?.ordinal ?? 1
    if (first <= 1) return
    before = `&before=${first}`
  }
}

/** Customers write, and the hub tells of each message; resolves when the device has the last one. */
async function write(api: LocalApi, hub: StandInHub): Promise<void> {
  const { rows } = Rows.parse(await api.get(`/api/conversations?list=open_team&limit=${PAGE}&offset=0`))
  const last = { id: '', ordinal: 0 }
  const known = new Map<string, Conversation>()
  for (let i = 0; i < PATCHES; i++) {
    const id = rows[i % rows.length]?.id
    if (id === undefined) throw new Error('no conversation is open')
    const before = known.get(id) ?? View.parse(await api.get(`/api/conversations/${id}`)).conversation
    const { conversation, puts } = nextMessage(before, CORPUS_END + hub.version * 1_000)
    known.set(id, conversation)
    hub.version += 1
    hub.tell({ ...hub.patch(), puts })
    Object.assign(last, { id, ordinal: conversation.messageCount })
  }
  for (;;) {
    const { messages } = Texts.parse(await api.get(`/api/conversations/${last.id}/messages?limit=1`))
    if (messages[0]?.ordinal === last.ordinal) return
  }
}
