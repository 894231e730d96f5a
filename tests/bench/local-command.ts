/**
 * One thing that a member does, from the call until it is durable on this device: rule, undo, queue, rows, index, commit.
 * Beside it the smallest durable change there is: two rows into a plain table of a file with the same settings.
 */
import { mkdirSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as newId } from 'uuid'
import type { ConversationId } from '../../backend/domain/ids.ts'
import { openMemberStore } from '../../backend/workstation/store/open.ts'
import type { MemberStore } from '../../backend/workstation/store/member-store.ts'
import { openBare } from './bare.ts'
import { atMost, measured } from './bench.ts'
import type { Measured, Say } from './bench.ts'
import { CORPUS_END } from './corpus.ts'
import { withFolder } from './folders.ts'
import { median, quantile, ratios, rounded, spread, tail, timed } from './statistics.ts'
import { copiedStore } from './stores.ts'

const MESSAGES = 100_000
const ROUNDS = 5
const COMMANDS = 600
/** After so many commands there is a pause of so many ms, much shorter than people's: the store tidies up in it. */
const BURST = 30
const PAUSE = 400
const P99 = 0.99
const QUIET = { info: () => undefined, warn: () => undefined }
const TEXT = '好的，已經幫您查到了，今天下午就會寄出，大約後天會送到。'

export function measure(say: Say): Promise<Measured> {
  return withFolder(async (folder) => {
    const place = await copiedStore(MESSAGES, folder, say)
    const sameRows = join(folder, 'same-rows.db')
    await copyFile(place.path, sameRows)
    const opened = openMemberStore({ ...place, log: QUIET })
    if (!opened.ok) throw new Error(`the store does not open: ${opened.reason}`)
    const send = sender(opened.store)
    mkdirSync(join(folder, 'bare'))
    const plain = twoPlainRows(join(folder, 'bare', 'plain.db'), place.key)
    const rows = twoSameRows(sameRows, place.key)

    const times = { ours: [] as number[][], plain: [] as number[][], rows: [] as number[][] }
    for (let round = 1; round <= ROUNDS; round++) {
      const ours: number[] = []
      const bare: number[] = []
      const same: number[] = []
      for (let i = 0; i < COMMANDS; i++) {
        ours.push(timed(send))
        bare.push(timed(plain))
        same.push(timed(rows))
        if (i % BURST === BURST - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE))
      }
      times.ours.push(ours)
      times.plain.push(bare)
      times.rows.push(same)
      say(
        `local-command ${round}/${ROUNDS}: p99 ${rounded(quantile(ours, P99))} ms, bare ${rounded(quantile(bare, P99))} ms`,
      )
    }
    opened.store.close()
    const p99 = (series: number[][]) => series.map((round) => quantile(round, P99))
    const p50 = (series: number[][]) => series.map((round) => median(round))
    return measured(atMost(rounded(quantile(times.ours.flat(), P99) / quantile(times.plain.flat(), P99)), 3), {
      'messages in the store': MESSAGES,
      'ours, ms': tail(times.ours.flat()),
      'bare, two plain rows, ms': tail(times.plain.flat()),
      'bare, the same two rows, ms': tail(times.rows.flat()),
      'p99 ratio by round': spread(ratios(p99(times.ours), p99(times.plain))),
      'p50 ratio by round': spread(ratios(p50(times.ours), p50(times.plain))),
      'p50 ratio by round, the same two rows': spread(ratios(p50(times.ours), p50(times.rows))),
    })
  })
}

/** Sends the next message, each time to another customer. */
function sender(store: MemberStore): () => void {
  const { rows } = store.conversations({ list: 'open_team', offset: 0, limit: 200 })
  let n = 0
  return () => {
    const row = rows[n % rows.length]
    if (!row) throw new Error('no conversation is open')
    n += 1
    const args = { conversationId: row.id, messageId: newId(), content: { kind: 'text', text: `${TEXT}（${n}）` } }
    const answer = store.command({ name: 'message.send', args }, CORPUS_END + n * 1_000)
    if (!answer.ok) throw new Error(`refused: ${answer.refusal.code}`)
  }
}

function twoPlainRows(path: string, key: Uint8Array): () => void {
  const db = openBare(path, key)
  db.exec('CREATE TABLE plain (n INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO plain (data) VALUES (?)')
  const row = JSON.stringify({ id: newId(), text: TEXT, padding: 'x'.repeat(200) })
  return () =>
    db
      .transaction(() => {
        insert.run(row)
        insert.run(row)
      })
      .immediate()
}

/** The message and its conversation, in the tables and indexes they belong to; nothing of the search index. */
function twoSameRows(path: string, key: Uint8Array): () => void {
  const db = openBare(path, key)
  type Open = { id: ConversationId; data: string }
  const open = db.prepare("SELECT id, data FROM conversation WHERE list = 'open_team' LIMIT 200").all() as Open[]
  const insert = db.prepare('INSERT INTO message (n, id, conversation_id, ordinal, data) VALUES (?, ?, ?, ?, ?)')
  const update = db.prepare('UPDATE conversation SET last_at = ?, data = ? WHERE id = ?')
  let n = 0
  return () => {
    const conversation = open[n % open.length]
    if (!conversation) throw new Error('no conversation is open')
    n += 1
    const at = CORPUS_END + n * 1_000
    const id = newId()
    const data = JSON.stringify({
      id,
      conversationId: conversation.id,
      body: { kind: 'text', text: `${TEXT}（${n}）` },
      at,
    })
    db.transaction(() => {
      insert.run(at * 1_024, id, conversation.id, 1_000 + n, data)
      update.run(at, conversation.data, conversation.id)
    }).immediate()
  }
}
