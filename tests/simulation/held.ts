/** Everything a member's store holds, in one order, to compare two of them by. */
import { SMALL_TABLES } from '../../backend/domain/rows.ts'
import { Connection } from '../../backend/workstation/store/connection.ts'
import { catchUpIndex } from '../../backend/workstation/store/search/message-index.ts'
import { KEY } from './templates.ts'

export type Item = { state: 'waiting' | 'refused'; name: string; args: unknown; at: number; seq: number | null }
export type Held = {
  /** Rows, list counts and search words: what a fresh device has too. */
  shared: Record<string, unknown[]>
  /** The conversations that anything here is about. */
  conversations: Set<string>
  /** What the member did, and what they typed and did not send: of this device alone. */
  items: Item[]
  drafts: Map<string, string>
  /** Things that must not be left when nothing waits. */
  leftovers: Record<string, number>
}

const log = { info: () => undefined, warn: () => undefined }
const SHARED = {
  ...Object.fromEntries(SMALL_TABLES.map((name) => [name, `SELECT data FROM "${name}" ORDER BY id`])),
  contact: 'SELECT external_id, store_id, data FROM contact ORDER BY id',
  contact_tag: 'SELECT * FROM contact_tag ORDER BY 1, 2',
  conversation: `SELECT contact_id, channel_id, follower_id, list, last_at, unread, pinned, closed_at, data FROM conversation ORDER BY id`,
  list_count: 'SELECT * FROM list_count WHERE total <> 0 OR unread <> 0 ORDER BY list',
  message: 'SELECT conversation_id, ordinal, data FROM message ORDER BY id',
  mark: 'SELECT conversation_id, data FROM mark ORDER BY id',
  // A word in the index of a row that is not there has no id, and shows.
  message_words: `SELECT message.id, term, offset FROM temp.message_terms LEFT JOIN message ON message.n = doc ORDER BY 1, 3, 2`,
  contact_words: `SELECT contact.id, term, offset FROM temp.contact_terms LEFT JOIN contact ON contact.n = doc ORDER BY 1, 3, 2`,
}

/** Reads a store's file, open elsewhere or not; its search index has what it would have before a search. */
export function heldIn(path: string): Held {
  const db = new Connection(path, KEY, log)
  try {
    db.transaction('index', catchUpIndex)
    db.exec(`CREATE VIRTUAL TABLE temp.message_terms USING fts5vocab (main, message_words, instance);
      CREATE VIRTUAL TABLE temp.contact_terms USING fts5vocab (main, contact_words, instance)`)
    const shared = Object.fromEntries(Object.entries(SHARED).map(([name, sql]) => [name, db.all<unknown>(sql)]))
    const about = db.all<{ id: string }>(`SELECT id FROM conversation UNION SELECT conversation_id FROM message
      UNION SELECT conversation_id FROM mark UNION SELECT conversation_id FROM draft UNION SELECT conversation_id FROM older UNION SELECT conversation_id FROM departing`)
    const items = db.all<Omit<Item, 'args'> & { args: string }>(
      'SELECT state, name, args, at, seq FROM queue ORDER BY id',
    )
    const drafts = db.all<{ conversation_id: string; reply: string }>('SELECT conversation_id, reply FROM draft')
    const count = (table: string) => db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? -1
    return {
      shared,
      conversations: new Set(about.map(({ id }) => id)),
      items: items.map((item) => ({ ...item, args: JSON.parse(item.args) as unknown })),
      drafts: new Map(drafts.map((draft) => [draft.conversation_id, draft.reply])),
      leftovers: { undo: count('undo'), snapshot_scope: count('snapshot_scope') },
    }
  } finally {
    db.close()
  }
}
