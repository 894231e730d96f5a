/** Whose store this is and where it stands: one row, read whole and changed by field. */
import { ConversationId, MemberId } from '../../domain/ids.ts'
import type { Reader, Writer } from './connection.ts'
import type { Position } from './member-store.ts'

export type Identity = { clientId: string; memberId: MemberId; lastClientSeq: number }

type AboutRow = {
  client_id: string
  member_id: string
  version: number | null
  epoch: string
  last_client_seq: number
  last_seq: number
  last_item: number
  results_known: number
  snapshot_version: number | null
  snapshot_epoch: string
  snapshot_after: string | null
  snapshot_done: number
  snapshot_total: number
  snapshot_scoped: number
  clock_ahead: number
}
/** The fields that change, in the words of the table. */
export type AboutChange = Partial<Omit<AboutRow, 'client_id' | 'member_id'>>

const SELECT = 'SELECT * FROM about'

function row(reader: Reader): AboutRow {
  const about = reader.get<AboutRow>(SELECT)
  if (!about) throw new Error('the store has no owner')
  return about
}

/** Whether the store has been given its owner, which is the last step of making one. */
export function hasOwner(reader: Reader): boolean {
  return reader.get(SELECT) !== undefined
}

export function writeOwner(writer: Writer, { clientId, memberId, lastClientSeq }: Identity, lastSeq: number): void {
  writer.run(
    'INSERT INTO about (only, client_id, member_id, last_client_seq, last_seq, results_known) VALUES (1, ?, ?, ?, ?, ?)',
    clientId,
    memberId,
    lastClientSeq,
    Math.max(lastSeq, lastClientSeq),
    lastClientSeq,
  )
}

export function memberOf(reader: Reader): MemberId {
  return MemberId.parse(row(reader).member_id)
}

/** The position, with what only the store needs to know. */
export function readAbout(reader: Reader): Position & { lastSeq: number; scoped: boolean; clockAhead: number } {
  const about = row(reader)
  return {
    clientId: about.client_id,
    memberId: MemberId.parse(about.member_id),
    version: about.version,
    epoch: about.epoch,
    lastClientSeq: about.last_client_seq,
    resultsKnown: about.results_known,
    lastSeq: about.last_seq,
    scoped: about.snapshot_scoped === 1,
    clockAhead: about.clock_ahead,
    snapshot:
      about.snapshot_version === null
        ? null
        : {
            version: about.snapshot_version,
            epoch: about.snapshot_epoch,
            after: about.snapshot_after === null ? null : ConversationId.parse(about.snapshot_after),
            done: about.snapshot_done,
            total: about.snapshot_total,
          },
  }
}

/** Changes some fields; the names are this file's own, never input. */
export function changeAbout(writer: Writer, change: AboutChange): void {
  const entries = Object.entries(change)
  writer.run(
    `UPDATE about SET ${entries.map(([name]) => `${name} = ?`).join(', ')}`,
    ...entries.map(([, value]) => value),
  )
}

/** Makes this the client's queue: another client id numbers its commands anew (the hub knows messages by their ids). */
export function adopt(writer: Writer, { clientId, lastClientSeq }: Identity): void {
  const about = row(writer)
  if (about.client_id === clientId) {
    // Numbers we never gave: this store has forgotten some, and what waits is not what the hub took under them.
    if (about.last_seq < lastClientSeq) numberAnew(writer, lastClientSeq)
    return
  }
  writer.run('UPDATE about SET client_id = ?', clientId)
  numberAnew(writer, lastClientSeq)
}

/** Gives what waits the numbers after `lastClientSeq`, in its order. */
export function numberAnew(writer: Writer, lastClientSeq: number): void {
  const waiting = writer.all<{ id: number }>("SELECT id FROM queue WHERE state = 'waiting' ORDER BY seq")
  writer.run('UPDATE queue SET seq = NULL')
  waiting.forEach(({ id }, i) => writer.run('UPDATE queue SET seq = ? WHERE id = ?', lastClientSeq + 1 + i, id))
  changeAbout(writer, {
    last_client_seq: lastClientSeq,
    results_known: lastClientSeq,
    last_seq: lastClientSeq + waiting.length,
  })
}
