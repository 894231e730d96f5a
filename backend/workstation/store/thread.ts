/** The messages of one conversation, by pages around any of them. */
import type { z } from 'zod'
import type { ConversationId } from '../../domain/ids.ts'
import type { Message } from '../../domain/rows.ts'
import type { Departing, MessagesQuery, RefusedMessage, ThreadMessage } from '../views.ts'
import { parseRow } from './batch.ts'
import type { Reader } from './connection.ts'
import { departingIn } from './departing.ts'
import { above, below, olderOnHub, rangeOf } from './held.ts'
import { refusedMessages } from './queue.ts'

export type Thread = {
  messages: ThreadMessage[]
  refused: RefusedMessage[]
  departing: Departing[]
  hasOlder: boolean
  hasNewer: boolean
  /** Older ones than the device holds are on the hub. */
  olderOnHub: boolean
}

/** What changes a message changes its conversation as well, whose id is then among the images. */
const WRITTEN_BY_WAITING = `SELECT value ->> 'id' AS id FROM undo, json_each(images)
  WHERE instr(images, ?) > 0 AND value ->> 'table' = 'message'`

/** See {@link MemberStore.messages}. */
export function thread(reader: Reader, id: ConversationId, query: z.output<typeof MessagesQuery>): Thread | undefined {
  const stored = reader.get<{ data: string }>('SELECT data FROM conversation WHERE id = ?', id)
  if (!stored) return undefined
  const messages = slice(reader, id, query)
  const { lowest, highest } = rangeOf(reader, id)
  const onHub = olderOnHub(reader, parseRow('conversation', stored.data), lowest)
  const first = messages[0]?.ordinal ?? query.before ?? (query.after ?? query.around ?? Number.MAX_SAFE_INTEGER - 1) + 1
  const last = messages.at(-1)?.ordinal ?? (query.before ?? query.around ?? Number.MAX_SAFE_INTEGER) - 1
  const waiting = new Set(reader.all<{ id: string }>(WRITTEN_BY_WAITING, id).map((written) => written.id))
  return {
    messages: messages.map((message) => ({ ...message, waiting: waiting.has(message.id) })),
    refused: refusedMessages(reader, id),
    departing: departingIn(reader, id),
    hasOlder: onHub || (lowest !== null && lowest < first),
    hasNewer: highest !== null && highest > Math.max(last, query.after ?? 0),
    olderOnHub: onHub,
  }
}

function slice(reader: Reader, id: ConversationId, query: z.output<typeof MessagesQuery>): Message[] {
  const { before, after, around, limit } = query
  if (after !== undefined) return above(reader, id, after, limit)
  if (before !== undefined) return below(reader, id, before, limit)
  if (around === undefined) return below(reader, id, Number.MAX_SAFE_INTEGER, limit)
  const half = Math.floor(limit / 2)
  const older = below(reader, id, around, half)
  const newer = above(reader, id, around - 1, limit - older.length)
  return newer.length < limit - half
    ? [...below(reader, id, around, limit - newer.length), ...newer]
    : [...older, ...newer]
}
