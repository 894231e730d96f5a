/** Applying a snapshot, a line a transaction, so that it can be cut off anywhere and go on (SYN-7). */
import type { ConversationId } from '../../domain/ids.ts'
import { isHeld } from '../../sync/protocol.ts'
import type { SnapshotLine, TableRow, Version } from '../../sync/protocol.ts'
import { changeAbout, memberOf, readAbout } from './about.ts'
import type { RowBatch } from './batch.ts'
import type { Writer } from './connection.ts'
import { dropOlder, dropStrayFiles, eraseDeleted, evict, heldOf } from './evict.ts'
import { SMALL_TABLES } from '../../domain/rows.ts'
import type { Time } from '../../domain/rows.ts'
import { NOTHING, putRow, staleOf } from './patch.ts'
import type { Applied } from './patch.ts'
import { rebase } from './rebase.ts'
import { trimReplyFiles } from './reply-files.ts'

const UNCHANGED: Applied = { stale: NOTHING, erased: false }

/** Applies one line. A line that comes outside a snapshot (after its end) changes nothing. */
export function applySnapshotLine(writer: Writer, line: SnapshotLine, now: Time): Applied {
  if (line.type === 'begin') return begin(writer, line)
  const { snapshot } = readAbout(writer)
  if (!snapshot) return UNCHANGED
  switch (line.type) {
    case 'scope':
      for (const id of line.conversationIds)
        writer.run('INSERT INTO snapshot_scope VALUES (?) ON CONFLICT DO NOTHING', id)
      changeAbout(writer, { snapshot_scoped: 1 })
      return erase(writer, line.deletedIds)
    case 'reference':
      return reference(writer, line.rows, now)
    case 'conversations':
      return conversations(writer, line)
    case 'end':
      return end(writer, snapshot)
  }
}

/** The device is whole: now what waits can be judged. */
function end(writer: Writer, { version, epoch }: { version: Version; epoch: string }): Applied {
  changeAbout(writer, { version, epoch, ...NO_SNAPSHOT })
  writer.run('DELETE FROM snapshot_scope')
  const written = rebase(writer, memberOf(writer), () => undefined)
  return { stale: { ...staleOf(written, new Set(), false), lists: true }, erased: false }
}

const NO_SNAPSHOT = {
  snapshot_version: null,
  snapshot_epoch: '',
  snapshot_after: null,
  snapshot_done: 0,
  snapshot_total: 0,
  snapshot_scoped: 0,
} as const

/** From here on the device is between versions: only the snapshot's end gives it one. */
function begin(writer: Writer, { version, epoch, total }: Extract<SnapshotLine, { type: 'begin' }>): Applied {
  const { snapshot } = readAbout(writer)
  const resumed = snapshot?.version === version && snapshot.epoch === epoch
  changeAbout(writer, {
    ...NO_SNAPSHOT,
    version: null,
    epoch: '',
    snapshot_version: version,
    snapshot_epoch: epoch,
    snapshot_total: total,
    snapshot_after: resumed ? snapshot.after : null,
    snapshot_done: resumed ? Math.min(snapshot.done, total) : 0,
  })
  writer.run('DELETE FROM snapshot_scope')
  return UNCHANGED
}

/** What was deleted while the device was away leaves nothing (DEL-7). */
function erase(writer: Writer, deletedIds: readonly ConversationId[]): Applied {
  const held = heldOf(writer, deletedIds)
  if (held.length === 0) return UNCHANGED
  const gone = new Set<ConversationId>()
  let queue = false
  const written = rebase(writer, memberOf(writer), (batch) => {
    for (const id of held) {
      const { known, typed } = eraseDeleted(writer, batch, id)
      if (known) gone.add(id)
      if (typed) queue = true
    }
  })
  return { stale: staleOf(written, gone, queue), erased: true }
}

/** The small tables whole; and, as the scope is complete now, everything outside it leaves. */
function reference(writer: Writer, rows: readonly TableRow[], now: Time): Applied {
  const about = readAbout(writer)
  const gone = new Set<ConversationId>()
  let queue = false
  const written = rebase(writer, about.memberId, (batch) => {
    const listed = new Set(rows.map(([table, row]) => `${table} ${row.id}`))
    for (const table of SMALL_TABLES) {
      const stored = writer.all<{ id: string }>(`SELECT id FROM "${table}"`).map(({ id }) => id)
      // A waiting removal hides a row that is confirmed all the same: the batch has it.
      const undone = [...batch.touched(table)].map(([id]) => id)
      for (const id of new Set([...stored, ...undone])) {
        if (!listed.has(`${table} ${id}`)) batch.remove(table, id)
      }
    }
    for (const row of rows) putRow(batch, row)
    if (!about.scoped) return
    for (const id of outsideScope(writer)) {
      const left = evict(writer, batch, id, now)
      if (left.known) gone.add(id)
      if (left.kept) queue = true
    }
  })
  if (about.scoped) {
    writer.run('DELETE FROM snapshot_scope')
    changeAbout(writer, { snapshot_scoped: 0 })
    dropStrayFiles(writer)
  }
  const dropped = trimReplyFiles(writer, now)
  return { stale: staleOf(written, gone, queue), erased: about.scoped || dropped }
}

/** Everything on the device that is about a conversation which the member may not have. */
function outsideScope(writer: Writer): ConversationId[] {
  return writer
    .all<{ id: ConversationId }>(
      `SELECT id FROM (
        SELECT id FROM conversation UNION SELECT conversation_id FROM message UNION SELECT conversation_id FROM mark
        UNION SELECT conversation_id FROM older UNION SELECT conversation_id FROM draft
        UNION SELECT conversation_id FROM departing
      ) WHERE id NOT IN (SELECT id FROM snapshot_scope)`,
    )
    .map(({ id }) => id)
}

/** Conversations, each whole: what the device had of them is replaced. */
function conversations(writer: Writer, line: Extract<SnapshotLine, { type: 'conversations' }>): Applied {
  const about = readAbout(writer)
  const written = rebase(writer, about.memberId, (batch) => replaceConversations(writer, batch, line.rows))
  const { snapshot } = about
  if (snapshot && line.last !== null && line.last !== snapshot.after) {
    changeAbout(writer, {
      snapshot_after: line.last,
      snapshot_done: Math.min(snapshot.total, snapshot.done + line.count),
    })
  }
  return { stale: staleOf(written, new Set(), false), erased: false }
}

function replaceConversations(writer: Writer, batch: RowBatch, rows: readonly TableRow[]): void {
  const known = new Set<ConversationId>()
  const listed = new Set(rows.map(([, row]) => row.id as string))
  for (const table of ['contact', 'conversation', 'mark'] as const) {
    batch.load(
      table,
      rows.flatMap(([own, row]) => (own === table ? [row.id] : [])),
    )
  }
  for (const [table, row] of rows) {
    if (table !== 'conversation' || !batch.get('conversation', row.id)) continue
    known.add(row.id)
    for (const message of batch.list('message', 'conversationId', row.id)) {
      if (!listed.has(message.id)) batch.remove('message', message.id)
    }
    for (const mark of batch.list('mark', 'conversationId', row.id)) {
      if (!listed.has(mark.id)) batch.remove('mark', mark.id)
    }
    dropOlder(writer, row.id)
  }
  for (const row of rows) if (row[0] !== 'message') putRow(batch, row)
  for (const row of rows) {
    if (row[0] !== 'message') continue
    const message = row[1]
    const conversation = batch.get('conversation', message.conversationId)
    if (conversation && !isHeld(message, conversation)) continue
    if (known.has(message.conversationId)) batch.put('message', message)
    else batch.putNew('message', message)
  }
}
