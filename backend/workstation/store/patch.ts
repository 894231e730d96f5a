/** Applying what the hub says changed: a patch, and the welcome's horizon. */
import { ConversationId } from '../../domain/ids.ts'
import type { Conversation, TableName, Time } from '../../domain/rows.ts'
import { isHeld } from '../../sync/protocol.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import type { HubFrame, TableRow } from '../../sync/protocol.ts'
import { happenedIn } from '../notices/happened.ts'
import type { Happened } from '../notices/happened.ts'
import { changeAbout, numberAnew, readAbout } from './about.ts'
import type { RowBatch } from './batch.ts'
import type { Writer } from './connection.ts'
import { dropStrayFiles, eraseDeleted, evict, pastHorizon } from './evict.ts'
import { changeOlder, removeOlder, trimHeld } from './held.ts'
import type { Patch, Stale } from './member-store.ts'
import { settle } from './queue.ts'
import type { QueueRow } from './queue.ts'
import { rebase } from './rebase.ts'
import type { Written } from './write-rows.ts'
import { sendFilesAgain, trimReplyFiles } from './reply-files.ts'

type Welcome = Extract<HubFrame, { type: 'welcome' }>

/** What a transaction changed, and whether it erased something that must not stay in the write-ahead log. */
export type Applied = { stale: Stale; erased: boolean }

/**
 * Applies the parts of one patch. Its rows are skipped when the device is at that version already (a repeat), or has
 * no version (only a snapshot can give it one); what became of our commands is taken note of in any case.
 */
export function applyPatch(writer: Writer, parts: readonly Patch[], now: Time): Applied & { happened: Happened[] } {
  const about = readAbout(writer)
  const version = Math.max(...parts.map((part) => part.version))
  const lastClientSeq = Math.max(...parts.map((part) => part.lastClientSeq))
  const fresh = about.version !== null && version > about.version
  const gone = new Set<ConversationId>()
  let queue = false
  let erased = false
  let happened: Happened[] = []
  const written = rebase(writer, about.memberId, (batch) => {
    const results = parts.flatMap((part) => part.results)
    if (settle(writer, lastClientSeq, results)) queue = true
    if (!fresh) return
    for (const id of parts.flatMap((part) => part.evicts)) {
      const left = evict(writer, batch, id, now)
      if (left.known) gone.add(id)
      if (left.kept) queue = true
      erased = true
    }
    for (const [table, id] of parts.flatMap((part) => part.removes)) {
      const removed = removeRow(writer, batch, table, id)
      if (removed.gone) gone.add(removed.gone)
      if (removed.kept) queue = true
      erased = true
    }
    const puts = parts.flatMap((part) => part.puts)
    const before = known(batch, puts)
    putRows(writer, batch, puts)
    happened = happenedIn(puts, before, ({ contactId }) => batch.get('contact', contactId)?.name ?? '')
    for (const id of gone) if (batch.get('conversation', id)) gone.delete(id)
  })
  const epoch = parts.at(-1)?.epoch
  if (fresh && epoch !== undefined) changeAbout(writer, { version, epoch })
  if (erased) dropStrayFiles(writer)
  if (written.replies && trimReplyFiles(writer, now)) erased = true
  return { stale: staleOf(written, gone, queue), erased, happened }
}

/** The conversations among these rows, as the device has them. */
function known(batch: RowBatch, rows: readonly TableRow[]): Map<ConversationId, Conversation> {
  const found = rows.flatMap(([table, row]) => (table === 'conversation' ? (batch.get(table, row.id) ?? []) : []))
  return new Map(found.map((conversation) => [conversation.id, conversation]))
}

/** Writes the hub's rows into the batch. Messages that devices do not hold only change the cached history. */
function putRows(writer: Writer, batch: RowBatch, rows: readonly TableRow[]): void {
  const touched = new Set<ConversationId>()
  for (const row of rows) {
    if (row[0] === 'message') continue
    putRow(batch, row)
    if (row[0] === 'conversation') touched.add(row[1].id)
  }
  for (const row of rows) {
    if (row[0] !== 'message') continue
    const message = row[1]
    const conversation = batch.get('conversation', message.conversationId)
    changeOlder(writer, message)
    if (conversation && !isHeld(message, conversation)) continue
    batch.put('message', message)
    touched.add(message.conversationId)
  }
  trimHeld(writer, batch, touched)
}

/** Puts one row under its own table. */
export function putRow(batch: RowBatch, [table, row]: TableRow): void {
  batch.put<TableName>(table, row)
}

function removeRow(
  writer: Writer,
  batch: RowBatch,
  table: TableName,
  id: string,
): { gone: ConversationId | null; kept: boolean } {
  if (table === 'conversation') {
    const conversationId = ConversationId.parse(id)
    const { known, typed } = eraseDeleted(writer, batch, conversationId)
    return { gone: known ? conversationId : null, kept: typed }
  }
  if (table === 'message') {
    const message = batch.get('message', id)
    if (message && 'attachmentId' in message.body) {
      writer.run('DELETE FROM attachment WHERE id = ?', message.body.attachmentId)
    }
    removeOlder(writer, id)
  }
  batch.remove(table, id)
  return { gone: null, kept: false }
}

/**
 * A hub that says it has taken fewer of our commands than it told us of was restored from a backup. What waits takes the
 * numbers the hub expects, the files it needs go up once more, and only a snapshot tells what the hub still has. What
 * the hub had accepted and lost is not sent again: it is no longer here, and the customer may have it already.
 */
function startOver(writer: Writer, lastClientSeq: number): void {
  numberAnew(writer, lastClientSeq)
  changeAbout(writer, { version: null })
  writer.run(`UPDATE attachment SET state = 'local' WHERE state = 'uploaded'
    AND id IN (SELECT attachment_id FROM queue WHERE state = 'waiting')`)
  sendFilesAgain(writer)
}

/**
 * Whether what waits here is not what the hub took under its numbers: the hub took more than this store ever gave, or
 * other commands. Then the store, or the whole device, is a copy from before. What the hub did take after all is known
 * to it by its messages' ids.
 */
function isStrange(
  writer: Writer,
  about: Pick<ReturnType<typeof readAbout>, 'lastSeq' | 'lastClientSeq'>,
  welcome: Welcome,
): boolean {
  const { lastClientSeq, lastFingerprint } = welcome
  if (lastClientSeq > about.lastSeq) return true
  if (lastClientSeq === about.lastClientSeq || lastFingerprint === null) return false
  const item = writer.get<Pick<QueueRow, 'name' | 'args' | 'fingerprint'>>(
    "SELECT name, args, fingerprint FROM queue WHERE seq = ? AND state = 'waiting'",
    lastClientSeq,
  )
  const own = item && (item.fingerprint ?? fingerprint(item.name, JSON.parse(item.args)))
  return own !== lastFingerprint
}

/** A difference between the clocks of the device and the hub, in ms, that is no more than the way takes. */
const CLOCK_SLACK = 1_000

/**
 * Removes what lies before the horizon, never numbers a command below what the hub has seen of this client, and takes
 * note of the hub's clock, by which the rules go.
 */
export function applyWelcome(writer: Writer, welcome: Welcome, now: Time): Applied {
  const about = readAbout(writer)
  const clockAhead = welcome.hubTime - now
  const isOther = Math.abs(clockAhead - about.clockAhead) > CLOCK_SLACK
  if (isOther) changeAbout(writer, { clock_ahead: clockAhead })
  const applied = catchUp(writer, welcome, now)
  return isOther ? { ...applied, stale: { ...applied.stale, reference: true } } : applied
}

function catchUp(writer: Writer, welcome: Welcome, now: Time): Applied {
  const { horizon, lastClientSeq } = welcome
  const about = readAbout(writer)
  if (lastClientSeq < about.lastClientSeq) startOver(writer, lastClientSeq)
  else if (isStrange(writer, about, welcome)) numberAnew(writer, lastClientSeq)
  const candidates = writer.get('SELECT 1 FROM conversation WHERE closed_at < ? LIMIT 1', horizon)
  const waiting = writer.get('SELECT 1 FROM undo LIMIT 1')
  const gone = new Set<ConversationId>()
  if (!candidates && !waiting) return { stale: NOTHING, erased: false }
  let queue = false
  const written = rebase(writer, about.memberId, (batch) => {
    for (const id of pastHorizon(batch, writer, horizon)) {
      if (evict(writer, batch, id, now).kept) queue = true
      gone.add(id)
    }
  })
  if (gone.size > 0) dropStrayFiles(writer)
  return { stale: staleOf(written, gone, queue), erased: gone.size > 0 }
}

export const NOTHING: Stale = {
  reference: false,
  replies: false,
  lists: false,
  queue: false,
  conversations: new Set(),
  gone: new Set(),
}

/** What the screens have to ask again. */
export function staleOf(
  written: Written & { queue: boolean },
  gone: ReadonlySet<ConversationId>,
  queue: boolean,
): Stale {
  return {
    reference: written.reference,
    replies: written.replies,
    lists: written.lists || queue || written.queue,
    queue: queue || written.queue,
    conversations: new Set([...written.conversations].filter((id) => !gone.has(id))),
    gone,
  }
}
