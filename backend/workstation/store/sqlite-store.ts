/** The member's store over SQLite: one transaction for each thing that happens, and the screens are told after it. */
import { randomUUID } from 'node:crypto'
import { commands, isCommandName } from '../../domain/commands.ts'
import { refuse } from '../../domain/refusal.ts'
import type { AttachmentId, ConversationId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Member, Message, TableName, Row, Time } from '../../domain/rows.ts'
import type { HubFrame, SnapshotLine } from '../../sync/protocol.ts'
import type { Happened } from '../notices/happened.ts'
import type { z } from 'zod'
import type { Result } from '../service.ts'
import type {
  CommandAnswer,
  CommandRequest,
  Departing,
  Draft,
  ListQuery,
  MessagesQuery,
  Reference,
  SavedReplies,
  SearchQuery,
} from '../views.ts'
import { memberOf, readAbout } from './about.ts'
import { addAttachment, attachment, dropUnneeded, settleUpload, tryAgain, uploads } from './attachments.ts'
import { RowBatch, parseRow } from './batch.ts'
import type { Connection, Writer } from './connection.ts'
import { writeDraft } from './drafts.ts'
import { addDeparting, departingIn, keepRefusedSends, nextDeparture, rehearse, takeBack, takeDue } from './departing.ts'
import { dropStrayFiles } from './evict.ts'
import { cacheOlder } from './held.ts'
import { conversation, conversations, counts } from './lists.ts'
import type { Departure, KeptFile, MemberStore, Patch, Position, Stale, StoredAttachment } from './member-store.ts'
import { NOTHING, applyPatch, applyWelcome, staleOf } from './patch.ts'
import type { Applied } from './patch.ts'
import { RecentRefusals } from './recent-refusals.ts'
import { asNew, enqueue, outbox, queueItems, refusedRow } from './queue.ts'
import { applyChanges, attempt, recordUndo } from './rebase.ts'
import {
  addReplyFile,
  keepReplyFile,
  missingFiles,
  replyFile,
  settleReplyUpload,
  shownFile,
  trimReplyFiles,
  tryFilesAgain,
} from './reply-files.ts'
import { tidyIndex } from './search/merge.ts'
import { catchUpIndex, isIndexBehind } from './search/message-index.ts'
import { search } from './search/search.ts'
import { applySnapshotLine } from './snapshot.ts'
import { thread } from './thread.ts'
import { writeRows } from './write-rows.ts'

export class SqliteMemberStore implements MemberStore {
  readonly #connection: Connection
  readonly #listeners = new Set<(stale: Stale) => void>()
  readonly #clock: () => Time
  readonly #refusals = new RecentRefusals()
  #online = false

  constructor(connection: Connection, clock: () => Time = Date.now) {
    this.#connection = connection
    this.#clock = clock
    connection.onQuiet(() => connection.transaction('tidy', tidyIndex))
  }

  setOnline(online: boolean): void {
    this.#online = online
  }

  position(): Position {
    const { clientId, memberId, version, epoch, lastClientSeq, resultsKnown, snapshot } = readAbout(this.#connection)
    return { clientId, memberId, version, epoch, lastClientSeq, resultsKnown, snapshot }
  }

  me(): Member | undefined {
    const row = this.#connection.get<{ data: string }>(
      'SELECT data FROM member WHERE id = ?',
      memberOf(this.#connection),
    )
    return row && parseRow('member', row.data)
  }

  // --- what the member does

  command(request: CommandRequest, now: Time): CommandAnswer {
    const { answer, stale } = this.#connection.transaction('command', (writer) => this.#queue(writer, request, now))
    this.#tell(stale)
    return answer
  }

  #queue(writer: Writer, { name, args }: CommandRequest, at: Time): { answer: CommandAnswer; stale: Stale } {
    const refused = (refusal: Refusal) => ({ answer: { ok: false, refusal } as const, stale: NOTHING })
    if (!isCommandName(name)) return refused(refuse('request.unknownCommand', { name: name.slice(0, 64) }))
    const local = commands[name].offline === 'queue'
    if (!local && !this.#online) return refused(refuse('request.offline', {}, { instead: 'go-online' }))
    const { memberId, clockAhead } = readAbout(writer)
    // A rule that is about time goes by the hub's clock, here as there.
    const now = at + clockAhead
    const batch = new RowBatch(writer)
    const outcome = attempt(batch, memberId, name, args, now)
    if (!outcome.ok) return refused(outcome.refusal)
    const queueId = enqueue(writer, name, args, at, local)
    const changes = local ? outcome.changes : []
    recordUndo(writer, queueId, changes)
    applyChanges(batch, changes)
    const written = writeRows(writer, batch, memberId)
    return { answer: { ok: true, queueId }, stale: staleOf({ ...written, queue: true }, new Set(), true) }
  }

  outbox(afterSeq: number, limit: number) {
    return outbox(this.#connection, afterSeq, limit)
  }

  saveDraft(id: ConversationId, draft: Draft): void {
    this.#change('draft', (writer) => {
      writeDraft(writer, id, draft)
      return { ...NOTHING, lists: true, conversations: new Set([id]) }
    })
  }

  addAttachment(file: StoredAttachment): void {
    this.#change('attachment', (writer) => {
      addAttachment(writer, file)
      return NOTHING
    })
  }

  attachment(id: AttachmentId): StoredAttachment | undefined {
    return attachment(this.#connection, id)
  }

  uploads() {
    return uploads(this.#connection)
  }

  uploaded(id: AttachmentId, outcome: { ok: true } | { ok: false; refusal: Refusal }): void {
    this.#change('upload', (writer) => {
      if (settleReplyUpload(writer, id, outcome)) return { ...NOTHING, queue: true }
      const conversationId = settleUpload(writer, id, outcome)
      return conversationId ? { ...NOTHING, queue: true, conversations: new Set([conversationId]) } : NOTHING
    })
  }

  depart({ id, leavesAt, sends, files }: Departure, now: Time): Result<Departing> {
    const conversationId = sends[0]?.conversationId
    const refusal = this.#connection.transaction('depart', (writer) => {
      const { memberId, clockAhead } = readAbout(writer)
      const refusal = rehearse(writer, memberId, sends, now + clockAhead)
      if (refusal) return refusal
      for (const file of files) addAttachment(writer, file)
      addDeparting(writer, id, leavesAt, sends)
      return null
    })
    if (refusal || !conversationId) {
      return { ok: false, refusal: refusal ?? refuse('request.invalid', { field: 'messages' }) }
    }
    this.#tell({ ...NOTHING, conversations: new Set([conversationId]) })
    const added = departingIn(this.#connection, conversationId).find((one) => one.id === id)
    if (!added) throw new Error('what was just added is not there')
    return { ok: true, value: added }
  }

  leave(now: Time): boolean {
    if (this.nextDeparture() === undefined) return false
    const stales = this.#connection.transaction('leave', (writer) => {
      const { memberId, clockAhead } = readAbout(writer)
      return takeDue(writer, now).map(({ conversationId, at, sends }): Stale => {
        const refusal = rehearse(writer, memberId, sends, now + clockAhead)
        if (refusal) keepRefusedSends(writer, sends, at, refusal)
        else {
          for (const args of sends) {
            const { answer } = this.#queue(writer, { name: 'message.send', args }, at)
            if (!answer.ok) keepRefusedSends(writer, [args], at, answer.refusal)
          }
        }
        return { ...NOTHING, lists: true, queue: true, conversations: new Set([conversationId]) }
      })
    })
    for (const stale of stales) this.#tell(stale)
    return stales.length > 0
  }

  nextDeparture() {
    return nextDeparture(this.#connection)
  }

  takeBack(id: string): boolean {
    const conversationId = this.#connection.transaction('take back', (writer) => takeBack(writer, id))
    if (!conversationId) return false
    this.#tell({ ...NOTHING, conversations: new Set([conversationId]) })
    return true
  }

  addReplyFile(file: KeptFile): void {
    this.#connection.transaction('reply file', (writer) => addReplyFile(writer, file, this.#clock()))
  }

  replyFile(id: AttachmentId) {
    return replyFile(this.#connection, id)
  }

  shownReplyFile(id: AttachmentId) {
    return shownFile(this.#connection, id)
  }

  missingReplyFiles() {
    return missingFiles(this.#connection)
  }

  keepReplyFile(id: AttachmentId, bytes: Uint8Array): boolean {
    return this.#connection.transaction('reply file', (writer) => {
      return keepReplyFile(writer, id, bytes, this.#clock()) !== undefined
    })
  }

  retry(queueId: number, text: string | undefined, now: Time): Result<CommandAnswer> {
    const done = this.#connection.transaction('retry', (writer) => {
      const item = refusedRow(writer, queueId)
      if (!item) return null
      const args: unknown = asNew(item.name, JSON.parse(item.args), text, randomUUID())
      if (item.attachment_id) tryAgain(writer, item.attachment_id)
      tryFilesAgain(writer, item)
      const queued = this.#queue(writer, { name: item.name, args }, now)
      if (queued.answer.ok) writer.run('DELETE FROM queue WHERE id = ?', queueId)
      // Refused again: what was edited is kept, under the newer reason.
      else {
        const { refusal } = queued.answer
        const kept = [JSON.stringify(args), JSON.stringify(refusal)] as const
        writer.run('UPDATE queue SET args = ?, refusal = ? WHERE id = ?', ...kept, queueId)
      }
      const touched = new Set([...queued.stale.conversations, ...(item.conversation_id ? [item.conversation_id] : [])])
      return { answer: queued.answer, stale: { ...queued.stale, lists: true, queue: true, conversations: touched } }
    })
    if (!done) return { ok: false, refusal: refuse('request.notFound', {}) }
    this.#tell(done.stale)
    return { ok: true, value: done.answer }
  }

  discard(queueId: number): boolean {
    const stale = this.#connection.transaction('discard', (writer): Stale | null => {
      const item = refusedRow(writer, queueId)
      if (!item) return null
      writer.run('DELETE FROM queue WHERE id = ?', queueId)
      if (item.attachment_id) dropUnneeded(writer, item.attachment_id)
      dropStrayFiles(writer)
      trimReplyFiles(writer, this.#clock())
      const conversations = new Set(item.conversation_id ? [item.conversation_id] : [])
      return { ...NOTHING, lists: true, queue: true, conversations }
    })
    if (!stale) return false
    this.#tell(stale)
    return true
  }

  // --- what the hub says

  applyPatch(parts: readonly Patch[]): Happened[] {
    if (parts.length === 0) return []
    const results = parts.flatMap((part) => part.results)
    this.#refusals.note(this.#connection, results)
    return this.#apply('patch', (writer) => applyPatch(writer, parts, this.#clock())).happened
  }

  applyWelcome(welcome: Extract<HubFrame, { type: 'welcome' }>): void {
    this.#apply('welcome', (writer) => applyWelcome(writer, welcome, this.#clock()))
  }

  applySnapshotLine(line: SnapshotLine): void {
    this.#apply(line.type, (writer) => applySnapshotLine(writer, line, this.#clock()))
  }

  cacheOlder(id: ConversationId, messages: readonly Message[], reachedStart: boolean): void {
    // Whoever asked for them is waiting for this call: no screen needs to be told.
    this.#connection.transaction('older', (writer) => cacheOlder(writer, id, messages, reachedStart))
  }

  // --- what screens show

  reference(): Reference | undefined {
    return this.#connection.read(() => {
      const team = this.#small('team')[0]
      return (
        team && {
          team,
          stores: this.#small('store'),
          members: this.#small('member'),
          channels: this.#small('channel'),
          tags: this.#small('tag'),
          templates: this.#small('template'),
          clockAhead: readAbout(this.#connection).clockAhead,
        }
      )
    })
  }

  replies(): SavedReplies {
    return this.#connection.read(() => ({
      folders: this.#small('replyFolder').toSorted((a, b) => a.position - b.position),
      replies: this.#small('reply'),
    }))
  }

  #small<T extends TableName>(table: T): Row<T>[] {
    return this.#connection
      .all<{ data: string }>(`SELECT data FROM "${table}" ORDER BY id`)
      .map(({ data }) => parseRow(table, data))
  }

  counts() {
    return counts(this.#connection)
  }

  conversations(query: z.output<typeof ListQuery>) {
    return this.#connection.read((reader) => conversations(reader, query))
  }

  conversation(id: ConversationId) {
    return this.#connection.read((reader) => conversation(reader, id))
  }

  messages(id: ConversationId, query: z.output<typeof MessagesQuery>) {
    return this.#connection.read((reader) => thread(reader, id, query))
  }

  search(query: z.output<typeof SearchQuery>) {
    if (isIndexBehind(this.#connection)) this.#connection.transaction('index', catchUpIndex)
    return this.#connection.read((reader) => search(reader, query))
  }

  queue() {
    return this.#connection.read((reader) => ({
      waiting: queueItems(reader, 'waiting'),
      refused: queueItems(reader, 'refused'),
    }))
  }

  refusalOf(queueId: number): Refusal | null {
    return this.#refusals.of(queueId)
  }

  onStale(listener: (stale: Stale) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
    this.#connection.close()
  }

  #change(name: string, work: (writer: Writer) => Stale): void {
    this.#tell(this.#connection.transaction(name, work))
  }

  #apply<A extends Applied>(name: string, work: (writer: Writer) => A): A {
    const applied = this.#connection.transaction(name, work)
    if (applied.erased) this.#connection.truncateLog()
    this.#tell(applied.stale)
    return applied
  }

  #tell(stale: Stale): void {
    const { reference, replies, lists, queue, conversations: changed, gone } = stale
    if (!reference && !replies && !lists && !queue && changed.size === 0 && gone.size === 0) return
    for (const listener of this.#listeners) listener(stale)
  }
}
