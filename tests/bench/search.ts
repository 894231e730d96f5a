/**
 * Words of two Chinese characters, looked for among a million messages as the screen does it. Beside it `LIKE` over the
 * same messages of the same encrypted file, for the same newest fifty.
 */
import { Connection } from '../../backend/workstation/store/connection.ts'
import { openMemberStore } from '../../backend/workstation/store/open.ts'
import { atLeast, atMost, measured } from './bench.ts'
import type { Figures, Measured, Say } from './bench.ts'
import { corpusLines } from './corpus.ts'
import { median, quantile, rounded, stopwatch, tail, timed } from './statistics.ts'
import { filledHome, storeIn } from './stores.ts'

const MESSAGES = 1_000_000
const WORDS = 36
const ROUNDS = 3
/** How often each word is looked for in the index for each time that `LIKE` looks for it. */
const OURS_EACH = 5
const LIMIT = 50
const SAMPLE = 50_000
const P95 = 0.95
const QUIET = { info: () => undefined, warn: () => undefined }
const LIKE = `SELECT message.data AS message, contact.data AS contact FROM message
  CROSS JOIN conversation ON conversation.id = message.conversation_id
  LEFT JOIN contact ON contact.id = conversation.contact_id
  WHERE message.data LIKE ? ORDER BY message.n DESC LIMIT ?`

type Word = { word: string; share: number }
type Times = Word & { ours: number[]; cpu: number[]; like: number[] }

export async function measure(say: Say): Promise<Measured> {
  const place = await storeIn(await filledHome(MESSAGES, say))
  const opened = openMemberStore({ ...place, log: QUIET })
  if (!opened.ok) throw new Error(`the store does not open: ${opened.reason}`)
  const bare = new Connection(place.path, place.key, QUIET, { readonly: true })
  const words = chosenWords().map((word): Times => ({ ...word, ours: [], cpu: [], like: [] }))
  for (let round = 1; round <= ROUNDS; round++) {
    for (const { word, ours, cpu, like } of words) {
      let found = 0
      let liked = 0
      for (let i = 0; i < OURS_EACH; i++) {
        const taken = stopwatch()
        found = opened.store.search({ q: word, limit: LIMIT }).messages.length
        const cost = taken()
        ours.push(cost.ms)
        cpu.push(cost.cpu)
      }
      like.push(timed(() => (liked = bare.all(LIKE, `%${word}%`, LIMIT + 1).length)))
      if (found !== Math.min(liked, LIMIT)) throw new Error(`${word}: ${found} found, and ${liked} with LIKE`)
    }
    say(`search ${round}/${ROUNDS}: p95 ${rounded(quantile(all(words, 'ours'), P95))} ms`)
  }
  opened.store.close()
  bare.close()
  const times = words.map(({ ours, like }) => median(like) / median(ours))
  const p95 = quantile(all(words, 'ours'), P95)
  return measured(atLeast(rounded(quantile(all(words, 'like'), P95) / p95), 20), {
    messages: MESSAGES,
    'ours, p95 ms': atMost(rounded(p95), 10),
    'ours, ms': tail(all(words, 'ours')),
    'ours, ms of the processor': tail(all(words, 'cpu')),
    'slowest word, p50 ms': rounded(Math.max(...words.map(({ ours }) => median(ours)))),
    'LIKE, ms': tail(all(words, 'like')),
    'times as fast, the middle word': rounded(median(times)),
    ...byShare(words),
  })
}

function all(words: readonly Times[], side: 'ours' | 'cpu' | 'like'): number[] {
  return words.flatMap((word) => word[side])
}

/** A word that stands in every tenth message is found by any means within the newest few hundred. */
function byShare(words: readonly Times[]): Figures {
  const classes: [string, (share: number) => boolean][] = [
    ['in more than 1 of 100 messages', (share) => share > 1 / 100],
    ['in 1 of 100 to 1 of 1,000', (share) => share <= 1 / 100 && share > 1 / 1_000],
    ['in fewer', (share) => share <= 1 / 1_000],
  ]
  return Object.fromEntries(
    classes.map(([name, isIn]): [string, Figures] => {
      const own = words.filter(({ share }) => isIn(share))
      const ours = all(own, 'ours')
      const like = all(own, 'like')
      return [
        `words ${name}`,
        {
          words: own.length,
          'ours p50 ms': rounded(median(ours)),
          'ours p95 ms': rounded(quantile(ours, P95)),
          'LIKE p50 ms': rounded(median(like)),
          'times as fast': rounded(median(like) / median(ours)),
        },
      ]
    }),
  )
}

/** Pairs of Chinese characters, from the most frequent one to some that nobody wrote. */
function chosenWords(): Word[] {
  const counts = new Map<string, number>()
  for (const line of corpusLines(SAMPLE)) {
    if (line.type !== 'conversations') continue
    for (const [table, row] of line.rows) {
      if (table !== 'message' || !('text' in row.body)) continue
      for (const pair of pairsIn(row.body.text)) counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
  }
  const ranked = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const chosen = Array.from({ length: WORDS }, (_, i) => ranked[Math.floor(ranked.length ** (i / (WORDS - 1))) - 1])
  const words = chosen.flatMap((pair): Word[] => (pair ? [{ word: pair[0], share: pair[1] / SAMPLE }] : []))
  return [...words, { word: '鯨豚', share: 0 }, { word: '麒麟', share: 0 }]
}

function pairsIn(text: string): Set<string> {
  const pairs = new Set<string>()
  for (const run of text.match(/\p{Script=Han}+/gu) ?? []) {
    for (let i = 0; i + 1 < run.length; i++) pairs.add(run.slice(i, i + 2))
  }
  return pairs
}
