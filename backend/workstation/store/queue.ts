/** What the member did and the hub has not answered for good: the rows of the queue, and what they show (SYN-4, SYN-8). */
import type { AttachmentId, ConversationId } from '../../domain/ids.ts'
import type { CommandArgs } from '../../domain/commands.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Body, Time } from '../../domain/rows.ts'
import { Content } from '../../domain/messages/content.ts'
import { fingerprint } from '../../sync/fingerprint.ts'
import type { QueuedCommand } from '../../sync/protocol.ts'
import type { Draft, QueueItem, RefusedMessage } from '../views.ts'
import { changeAbout, readAbout } from './about.ts'
import type { Reader, Writer } from './connection.ts'
import { refusedFile, waitsForFile } from './reply-files.ts'

/** One item as it is stored; `args` as JSON. `seq` is null for typed text that was kept and never sent. */
export type QueueRow = {
  id: number
  seq: number | null
  state: 'waiting' | 'refused'
  name: string
  args: string
  at: number
  local: number
  conversation_id: ConversationId | null
  attachment_id: AttachmentId | null
  doubt: string | null
  refusal: string | null
  /** Of the command as it may have been sent, where this one is no longer it. */
  fingerprint: string | null
}

/** A field of a command's arguments, or undefined. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/** A command's text field, or null. */
function textField(value: unknown, name: string): string | null {
  const found = field(value, name)
  return typeof found === 'string' ? found : null
}

function attachmentOf(args: unknown): string | null {
  const content = field(args, 'content')
  return textField(content, 'attachmentId') ?? textField(field(content, 'media'), 'attachmentId')
}

/** What was typed (or the file's name), whole; null for a command without text. */
export function typedIn(args: unknown): string | null {
  const content = field(args, 'content')
  return (
    textField(args, 'text') ??
    textField(content, 'text') ??
    textField(content, 'name') ??
    filledIn(content) ??
    savedIn(args) ??
    textField(args, 'name')
  )
}

/** What a saved reply says: its name and every text, each on lines of its own. */
function savedIn(args: unknown): string | null {
  const messages = field(args, 'messages')
  if (!Array.isArray(messages)) return null
  return [args, ...messages].map((part) => textField(part, 'text') ?? textField(part, 'name') ?? '').join('\n')
}

/** What a template was filled with; the words around it are with the template, which may be another by now. */
function filledIn(content: unknown): string | null {
  const values = field(content, 'values')
  if (typeof values !== 'object' || values === null) return null
  return Object.values(values)
    .filter((value) => typeof value === 'string')
    .join(' ')
}

/** What an item shows in the thread; null for one that is no message. */
export function bodyOf(name: string, args: unknown): Body | null {
  if (name === 'note.add') return { kind: 'note', text: textField(args, 'text') ?? '' }
  if (name !== 'message.send') return null
  const content = Content.safeParse(field(args, 'content'))
  if (!content.success) return null
  if (content.data.kind !== 'template') return content.data
  return { ...content.data, name: '', language: '', text: filledIn(content.data) ?? '' }
}

/** Refusals come from the hub's checked frames or from our own rules. */
function parseRefusal(text: string): Refusal {
  return JSON.parse(text) as Refusal
}

/** Gives the command the next number and files it. @returns its queue id */
export function enqueue(writer: Writer, name: string, args: unknown, at: Time, local: boolean): number {
  const seq = readAbout(writer).lastSeq + 1
  changeAbout(writer, { last_seq: seq })
  return insert(writer, { seq, state: 'waiting', name, args, at, local, refusal: null })
}

/** Keeps what was typed for a conversation that is no longer in sight, as an item to copy from or discard. */
export function keepTyped(writer: Writer, name: string, args: unknown, at: Time): void {
  keepRefused(writer, name, args, at, refuse('conversation.notVisible', {}))
}

/** Keeps what was never given to the hub, as a refused item with its reason. */
export function keepRefused(writer: Writer, name: string, args: unknown, at: Time, refusal: Refusal): void {
  insert(writer, { seq: null, state: 'refused', name, args, at, local: false, refusal })
}

type NewItem = {
  seq: number | null
  state: QueueRow['state']
  name: string
  args: unknown
  at: Time
  local: boolean
  refusal: Refusal | null
}

function insert(writer: Writer, { seq, state, name, args, at, local, refusal }: NewItem): number {
  const id = nextId(writer)
  writer.run(
    `INSERT INTO queue (id, seq, state, name, args, at, local, conversation_id, attachment_id, refusal)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    seq,
    state,
    name,
    JSON.stringify(args),
    at,
    local ? 1 : 0,
    textField(args, 'conversationId'),
    attachmentOf(args),
    refusal ? JSON.stringify(refusal) : null,
  )
  return id
}

const LAST_ITEM = 'SELECT max(last_item, (SELECT coalesce(max(id), 0) FROM queue)) AS id FROM about'

/** Items that were taken over from a damaged store count as well. */
function nextId(writer: Writer): number {
  const id = (writer.get<{ id: number }>(LAST_ITEM)?.id ?? 0) + 1
  changeAbout(writer, { last_item: id })
  return id
}

/** What waits, oldest first. */
export function waitingRows(reader: Reader): QueueRow[] {
  return reader.all("SELECT * FROM queue WHERE state = 'waiting' ORDER BY seq")
}

/** A refused item. */
export function refusedRow(reader: Reader, id: number): QueueRow | undefined {
  return reader.get("SELECT * FROM queue WHERE id = ? AND state = 'refused'", id)
}

/**
 * Takes note of what the hub did with our commands up to `lastClientSeq`: those it took are done; those it refused are
 * kept with its reason. A refused `markRead` is let go: nobody asked for it and nothing was typed.
 * @returns whether anything changed
 */
export function settle(
  writer: Writer,
  lastClientSeq: number,
  results: readonly { seq: number; refusal: Refusal }[],
): boolean {
  const about = readAbout(writer)
  let changed = false
  for (const { seq, refusal } of results) {
    const item = writer.get<QueueRow>("SELECT * FROM queue WHERE seq = ? AND state = 'waiting'", seq)
    if (!item || item.name === 'conversation.markRead') continue
    // Why the file was refused says more than that it is missing.
    const upload = item.attachment_id
      ? writer.get<{ refusal: string | null }>('SELECT refusal FROM attachment WHERE id = ?', item.attachment_id)
      : undefined
    const reason = upload?.refusal ?? refusedFile(writer, item) ?? JSON.stringify(refusal)
    writer.run("UPDATE queue SET state = 'refused', refusal = ?, doubt = NULL WHERE id = ?", reason, item.id)
    writer.run('DELETE FROM undo WHERE queue_id = ?', item.id)
    changed = true
  }
  if (writer.run("DELETE FROM queue WHERE state = 'waiting' AND seq <= ?", lastClientSeq) > 0) changed = true
  const highest = Math.max(about.lastClientSeq, lastClientSeq)
  changeAbout(writer, {
    last_client_seq: highest,
    results_known: Math.max(about.resultsKnown, lastClientSeq),
    last_seq: Math.max(about.lastSeq, highest),
  })
  return changed
}

const OUTBOX = `SELECT queue.*, attachment.state AS upload FROM queue
  LEFT JOIN attachment ON attachment.id = queue.attachment_id
  WHERE queue.state = 'waiting' AND seq > ? ORDER BY seq LIMIT ?`

/** See {@link MemberStore.outbox}. */
export function outbox(reader: Reader, afterSeq: number, limit: number): QueuedCommand[] {
  const commands: QueuedCommand[] = []
  for (const row of reader.all<QueueRow & { upload: string | null }>(OUTBOX, afterSeq, limit)) {
    if (row.upload === 'local' || row.seq === null || waitsForFile(reader, row)) break
    const args: unknown = JSON.parse(row.args)
    commands.push({ seq: row.seq, name: row.name, args, at: row.at })
  }
  return commands
}

const ITEMS = `SELECT queue.*, attachment.refusal AS upload_refusal, contact.data ->> 'name' AS contact_name FROM queue
  LEFT JOIN attachment ON attachment.id = queue.attachment_id
  LEFT JOIN conversation ON conversation.id = queue.conversation_id
  LEFT JOIN contact ON contact.id = conversation.contact_id
  WHERE queue.state = ? ORDER BY queue.id`

/** Every item of one state, oldest first. */
export function queueItems(reader: Reader, state: QueueRow['state']): QueueItem[] {
  type ItemRow = QueueRow & { upload_refusal: string | null; contact_name: string | null }
  return reader.all<ItemRow>(ITEMS, state).map((row) => {
    const reason = row.refusal ?? row.upload_refusal ?? refusedFile(reader, row) ?? row.doubt
    return {
      id: row.id,
      state: row.state,
      doubtful: row.state === 'waiting' && reason !== null,
      name: row.name,
      conversationId: row.conversation_id,
      contactName: row.contact_name,
      text: typedIn(JSON.parse(row.args)),
      at: row.at,
      refusal: reason === null ? null : parseRefusal(reason),
    }
  })
}

/** The messages of a conversation that the hub refused, oldest first. */
export function refusedMessages(reader: Reader, id: ConversationId): RefusedMessage[] {
  const rows = reader.all<QueueRow>(
    "SELECT * FROM queue WHERE conversation_id = ? AND state = 'refused' ORDER BY id",
    id,
  )
  return rows.flatMap((row) => {
    const body = bodyOf(row.name, JSON.parse(row.args))
    return body && row.refusal ? [{ queueId: row.id, body, refusal: parseRefusal(row.refusal), at: row.at }] : []
  })
}

/** The same arguments with other text and, where the command makes a message, an id of its own for it: as a new command. */
export function asNew(name: string, args: unknown, text: string | undefined, messageId: string): unknown {
  if (typeof args !== 'object' || args === null) return args
  const content = field(args, 'content')
  const withText =
    text === undefined
      ? args
      : textField(args, 'text') !== null
        ? { ...args, text }
        : textField(content, 'text') !== null && typeof content === 'object'
          ? { ...args, content: { ...content, text } }
          : args
  // This one is about a message that exists.
  if (name === 'message.retry') return withText
  return textField(args, 'messageId') === null ? withText : { ...withText, messageId }
}

/**
 * Takes everything out of the items of a conversation that was deleted: refused ones go; one that waits keeps its number,
 * since the hub may have it, and becomes the one command that may be refused in silence.
 * @returns whether there were any
 */
export function emptyItems(writer: Writer, conversationId: ConversationId): boolean {
  const gone = writer.run("DELETE FROM queue WHERE conversation_id = ? AND state = 'refused'", conversationId)
  const waiting = writer.all<QueueRow>('SELECT * FROM queue WHERE conversation_id = ?', conversationId)
  for (const { id, name, args, fingerprint: earlier } of waiting) {
    const sent = earlier ?? fingerprint(name, JSON.parse(args))
    const empty = JSON.stringify({ conversationId, readInbound: 0 } satisfies CommandArgs<'conversation.markRead'>)
    writer.run(
      `UPDATE queue SET name = 'conversation.markRead', args = ?, local = 0, attachment_id = NULL, doubt = NULL,
        fingerprint = ? WHERE id = ?`,
      empty,
      sent,
      id,
    )
    writer.run('DELETE FROM undo WHERE queue_id = ?', id)
  }
  return gone > 0 || waiting.length > 0
}

/** Drafts of an evicted conversation as items: what was typed for the customer, for colleagues, and the files. */
export function keepDraft(
  writer: Writer,
  conversationId: ConversationId,
  draft: Draft,
  files: readonly { id: string; name: string; mime: string; size: number }[],
  at: Time,
  newId: () => string,
): void {
  if (draft.reply.trim() !== '') {
    const content = { kind: 'text', text: draft.reply }
    keepTyped(writer, 'message.send', { conversationId, messageId: newId(), content }, at)
  }
  if (draft.note.trim() !== '') {
    keepTyped(writer, 'note.add', { conversationId, messageId: newId(), text: draft.note }, at)
  }
  for (const { id, name, mime, size } of files) {
    const content = { kind: 'file', attachmentId: id, name, mime, size }
    keepTyped(writer, 'message.send', { conversationId, messageId: newId(), content }, at)
  }
}
