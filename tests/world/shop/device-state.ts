/** What is on a workstation's disk: its member's store as SQLite finds it, deciphered. */
import { z } from 'zod'
import type { Connection } from '../../../backend/workstation/store/connection.ts'
import { catchUpIndex } from '../../../backend/workstation/store/search/message-index.ts'
import { deciphered, openedStore } from '../dump.ts'
import { PASSWORD, emailOf } from './team.ts'
import type { Worker } from './team.ts'
import { wordsIn } from './words.ts'

/** Tables that a fresh workstation would have alike, and what of them; the rest is the device's own. */
const SHARED: Record<string, string> = {
  team: 'id, data',
  store: 'id, data',
  member: 'id, data',
  channel: 'id, data',
  tag: 'id, data',
  contact: 'id, external_id, store_id, data',
  contact_tag: 'tag_id, contact_id',
  conversation: 'id, contact_id, channel_id, follower_id, list, last_at, unread, pinned, closed_at, data',
  message: 'id, conversation_id, ordinal, data',
  mark: 'id, conversation_id, data',
  template: 'id, data',
  replyFolder: 'id, data',
  reply: 'id, data',
}
/** Lists that nothing is in may be counted or not. */
const COUNTS = 'SELECT list, total, unread FROM list_count WHERE total <> 0 OR unread <> 0 ORDER BY list'
/** Whose conversation each of them is; none may be of one that is not there. */
const UNDER_CONVERSATIONS = ['message', 'mark', 'older', 'older_start', 'draft', 'attachment', 'departing']

const About = z.object({ client_id: z.string(), version: z.number().nullable() })
const QueueRow = z.object({
  seq: z.number().nullable(),
  state: z.enum(['waiting', 'refused']),
  name: z.string(),
  args: z.string(),
  refusal: z.string().nullable(),
})

export type DeviceState = {
  clientId: string
  version: number | null
  /** Every shared row, the search index's words with what they are found in, as text. */
  rows: string[]
  /** Conversations and messages, each as its JSON, by its id. */
  held: Map<string, unknown>
  queue: z.infer<typeof QueueRow>[]
  /** The ids in each table that has any, of conversations. */
  conversations: Map<string, Set<string>>
  /** Our words anywhere in the file, free pages included. */
  words: Set<string>
  /** What SQLite and FTS5 find wrong with the file. */
  damage: string[]
}

/** @param home of a workstation that is not running */
export function readDevice(home: string, hub: string, worker: Worker): Promise<DeviceState> {
  return openedStore(home, { hub, email: emailOf(worker), password: PASSWORD }, async (db, folder) => {
    // As a search would: what was only noted for the index belongs to it.
    db.transaction('index', catchUpIndex)
    const about = About.parse(db.get('SELECT * FROM about'))
    const shared = Object.entries(SHARED).flatMap(([table, columns]) =>
      db
        .all<object>(`SELECT ${columns} FROM "${table}" ORDER BY 1, 2`)
        .map((row) => `${table} ${JSON.stringify(Object.values(row))}`),
    )
    const counts = db.all<object>(COUNTS).map((row) => `list ${JSON.stringify(Object.values(row))}`)
    return {
      clientId: about.client_id,
      version: about.version,
      rows: [...shared, ...counts, ...indexed(db, 'message'), ...indexed(db, 'contact')],
      held: new Map(['conversation', 'message'].flatMap((table) => heldIn(db, table))),
      queue: db.all('SELECT seq, state, name, args, refusal FROM queue ORDER BY id').map((row) => QueueRow.parse(row)),
      conversations: new Map(
        ['conversation', ...UNDER_CONVERSATIONS].map((table) => [table, new Set(conversationsIn(db, table))]),
      ),
      damage: damageOf(db),
      words: wordsIn(await deciphered(db, folder)),
    }
  })
}

function heldIn(db: Connection, table: string): [string, unknown][] {
  return db
    .all<{ id: string; data: string }>(`SELECT id, data FROM "${table}"`)
    .map(({ id, data }) => [id, JSON.parse(data)])
}

function conversationsIn(db: Connection, table: string): string[] {
  const column = table === 'conversation' ? 'id' : 'conversation_id'
  return db.all<{ id: string }>(`SELECT DISTINCT ${column} AS id FROM "${table}"`).map(({ id }) => id)
}

/** What the search index has, by what it is found in: a row that is gone, or a row without words, shows. */
function indexed(db: Connection, table: 'message' | 'contact'): string[] {
  db.exec(`CREATE VIRTUAL TABLE temp.${table}_terms USING fts5vocab (main, ${table}_words, instance)`)
  return db
    .all<{ id: string | null; words: string }>(
      `SELECT ${table}.id, group_concat(term || ' ' || "offset", ',' ORDER BY "offset", term) AS words
        FROM temp.${table}_terms LEFT JOIN ${table} ON ${table}.n = doc GROUP BY doc ORDER BY ${table}.id`,
    )
    .map(({ id, words }) => `words of ${table} ${id ?? 'that is gone'}: ${words}`)
}

function damageOf(db: Connection): string[] {
  const pages = db.all<{ integrity_check: string }>('PRAGMA integrity_check').map((row) => row.integrity_check)
  const found = pages.filter((line) => line !== 'ok').map((line) => `integrity_check: ${line}`)
  for (const index of ['message_words', 'contact_words']) {
    try {
      db.exec(`INSERT INTO ${index} (${index}) VALUES ('integrity-check')`)
    } catch (error) {
      found.push(`${index}: ${String(error)}`)
    }
  }
  return found
}
