/**
 * What was sent by 發送 and has not left: it is durable (SYN-2), can be taken back until its time is up (REP-6), and
 * becomes ordinary commands then. It is not in the queue, so that it holds up nothing.
 */
import { z } from 'zod'
import type { ConversationId, MessageId } from '../../domain/ids.ts'
import { Content } from '../../domain/messages/content.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { TAKE_BACK } from '../../domain/replies/use.ts'
import type { MemberId } from '../../domain/ids.ts'
import type { Time } from '../../domain/rows.ts'
import type { Departing } from '../views.ts'
import { dropUnneeded } from './attachments.ts'
import { RowBatch } from './batch.ts'
import type { Reader, Writer } from './connection.ts'
import { bodyOf, keepRefused, keepTyped } from './queue.ts'
import { applyChanges, attempt } from './rebase.ts'

/** The arguments of one `message.send`. */
export type Send = { conversationId: ConversationId; messageId: MessageId; content: Content }
type Row = { n: number; id: string; conversation_id: ConversationId; leaves_at: number; commands: string }

const COMMAND = 'message.send'
const Sends = z.array(z.object({ messageId: z.string(), content: Content }).loose())

/** Files what is to leave at `leavesAt`, by the device's clock. */
export function addDeparting(writer: Writer, id: string, leavesAt: Time, sends: readonly Send[]): void {
  writer.run(
    'INSERT INTO departing (id, conversation_id, leaves_at, commands) VALUES (?, ?, ?, ?)',
    id,
    sends[0]?.conversationId ?? '',
    leavesAt,
    JSON.stringify(sends),
  )
}

/** What the thread of a conversation shows of it, in its order. */
export function departingIn(reader: Reader, id: ConversationId): Departing[] {
  return reader.all<Row>('SELECT * FROM departing WHERE conversation_id = ? ORDER BY n', id).map(shown)
}

function shown({ id, leaves_at: leavesAt, commands }: Row): Departing {
  const messages = sendsOf(commands).flatMap((args) => bodyOf(COMMAND, args) ?? [])
  return { id, messages, leavesAt }
}

function sendsOf(commands: string): unknown[] {
  return Sends.parse(JSON.parse(commands))
}

/** When the next one leaves, by the device's clock; undefined when there is none. */
export function nextDeparture(reader: Reader): Time | undefined {
  return reader.get<{ at: number | null }>('SELECT min(leaves_at) AS at FROM departing')?.at ?? undefined
}

/** Takes off what leaves now, in its order. A clock that was set back holds up nothing for longer than it says. */
export function takeDue(writer: Writer, now: Time): { conversationId: ConversationId; at: Time; sends: unknown[] }[] {
  const due = writer.all<Row>(
    'SELECT * FROM departing WHERE leaves_at <= ? OR leaves_at > ? ORDER BY n',
    now,
    now + TAKE_BACK,
  )
  for (const { n } of due) writer.run('DELETE FROM departing WHERE n = ?', n)
  return due.map((row) => ({
    conversationId: row.conversation_id,
    at: Math.min(row.leaves_at, now),
    sends: sendsOf(row.commands),
  }))
}

/** Takes one back, with the files that were copied for it. @returns its conversation; undefined when it is not here */
export function takeBack(writer: Writer, id: string): ConversationId | undefined {
  const row = writer.get<Row>('SELECT * FROM departing WHERE id = ?', id)
  if (!row) return undefined
  writer.run('DELETE FROM departing WHERE n = ?', row.n)
  for (const body of shown(row).messages) if ('attachmentId' in body) dropUnneeded(writer, body.attachmentId)
  return row.conversation_id
}

/** Of a conversation that leaves the device: it stays with the member like all they typed. @returns whether there was any */
export function keepDeparting(writer: Writer, id: ConversationId, now: Time): boolean {
  const rows = writer.all<Row>('SELECT * FROM departing WHERE conversation_id = ? ORDER BY n', id)
  for (const { n, commands } of rows) {
    for (const args of sendsOf(commands)) keepTyped(writer, COMMAND, args, now)
    writer.run('DELETE FROM departing WHERE n = ?', n)
  }
  return rows.length > 0
}

/** Keeps what the rules refuse when its time has come (SYN-4). */
export function keepRefusedSends(writer: Writer, sends: readonly unknown[], at: Time, refusal: Refusal): void {
  for (const args of sends) keepRefused(writer, COMMAND, args, at, refusal)
}

/** Why the messages could not be sent, one after the other; null when they could. Nothing of it is kept. */
export function rehearse(reader: Reader, memberId: MemberId, sends: readonly unknown[], now: Time): Refusal | null {
  const batch = new RowBatch(reader)
  for (const args of sends) {
    const outcome = attempt(batch, memberId, COMMAND, args, now)
    if (!outcome.ok) return outcome.refusal
    applyChanges(batch, outcome.changes)
  }
  return null
}
