/**
 * One socket between a visitor's page and the hub. Frames are handled one after another; what is new for the page is
 * always read from the store after the last ordinal it was sent, so that live and catching up are one code path.
 */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { MESSAGE_TEXT_MAX } from '../../../domain/text.ts'
import { refuse } from '../../../domain/refusal.ts'
import type { Refusal } from '../../../domain/refusal.ts'
import type { Conversation } from '../../../domain/rows.ts'
import type { InboundContent } from '../../../domain/messages/content.ts'
import type { HubCore } from '../../core.ts'
import { MESSAGES_A_FRAME, PAGE_FRAME_MAX, PageFrame } from './frames.ts'
import type { PageAnswer } from './frames.ts'
import type { CustomerFiles } from './files.ts'
import type { Throttle } from './limits.ts'
import type { ChatPlace, ChatStore, Present } from './store.ts'
import { visitorName } from './visitor.ts'

/** How often the hub pings a page, in ms; one that has not answered by the next is given up. */
const PING_EVERY = 30_000
/** After how long without a word the customer no longer types, in ms. */
const TYPING_FOR = 6_000
/** How many frames may wait to be handled, and how many bytes to be sent, before a page is sent away. */
const WAITING_MAX = 500
const BUFFERED_MAX = 1024 * 1024
/** How many messages one `message.progress` may name. */
const PROGRESS_AT_ONCE = 200

export type ConnectionParts = {
  core: HubCore
  store: ChatStore
  files: CustomerFiles
  throttle: Throttle
  log: Logger
  place: ChatPlace
  visitor: Present
  /** The page's IP address. */
  address: string
}

export class Connection {
  readonly #ws: WebSocket
  readonly #parts: ConnectionParts
  readonly #timer: NodeJS.Timeout
  #waiting = 0
  #tail: Promise<void> = Promise.resolve()
  #greeted = false
  #closed = false
  #alive = true
  /** Up to which ordinal the page was sent everything. */
  #sent = 0
  #delivered = 0
  #read = 0
  /** Whether there was a conversation when last looked at. */
  #there = false
  #pumpAgain = false
  #lastState = ''
  #typing: NodeJS.Timeout | null = null
  #names = new Map<string, string>()

  constructor(ws: WebSocket, parts: ConnectionParts) {
    this.#ws = ws
    this.#parts = parts
    this.#timer = setInterval(() => this.#ping(), PING_EVERY)
    this.#timer.unref()
    ws.on('pong', () => {
      this.#alive = true
    })
    ws.on('close', () => this.#end())
    ws.on('error', (error) => parts.log.info({ err: error.message }, 'web chat: socket failed'))
  }

  /** Takes a frame as it came; frames are handled in the order in which this is called. */
  take(data: string | null): void {
    if (this.#closed) return
    if (data === null) return this.#fail(refuse('request.tooLarge', { max: PAGE_FRAME_MAX }), 1009)
    if (this.#waiting >= WAITING_MAX) return this.#fail(refuse('request.tooMany', { seconds: 30 }), 1008)
    this.#later(() => this.#handle(data))
  }

  /** Something of the conversation changed: sends what the page does not have. */
  changed(): void {
    if (this.#pumpAgain || this.#closed) return
    this.#pumpAgain = true
    this.#later(() => this.#pump())
  }

  /** Closes the socket; the page comes back by itself. */
  close(): void {
    this.#ws.close(1012)
  }

  #later(work: () => Promise<void>): void {
    this.#waiting += 1
    this.#tail = this.#tail
      .then(() => (this.#closed ? undefined : work()))
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'web chat: a frame could not be handled')
        this.#fail(refuse('internal.error', {}), 1011)
      })
      .finally(() => {
        this.#waiting -= 1
      })
  }

  async #handle(data: string): Promise<void> {
    const tooMany = await this.#parts.throttle('frames', `${this.#parts.visitor.id} ${this.#parts.address}`)
    const frame = parseFrame(data)
    if (tooMany && frame?.type !== 'send') return this.#fail(tooMany, 1008)
    if (!frame || (!this.#greeted && frame.type !== 'hello' && frame.type !== 'ping')) {
      return this.#fail(refuse('request.invalid', { field: frame ? 'hello' : 'frame' }), 1008)
    }
    switch (frame.type) {
      case 'hello':
        return this.#hello(frame.after, frame.deletions)
      case 'send':
        return this.#send(frame.id, frame.content)
      case 'older':
        return this.#older(frame.before)
      case 'typing':
        return this.#types(frame.on)
      case 'got':
        this.#delivered = await this.#progress(frame.upTo, this.#delivered, 'delivered')
        return
      case 'seen':
        this.#read = await this.#progress(frame.upTo, this.#read, 'read')
        return
      case 'ping':
        // Another hub may have committed something that this one was not told of.
        this.changed()
        return this.#answer({ type: 'pong' })
    }
  }

  async #hello(after: number, deletions: number): Promise<void> {
    const { core, store, place, visitor } = this.#parts
    const conversation = await core.row(place.teamId, 'conversation', visitor.conversationId)
    const count = conversation?.messageCount ?? 0
    this.#there = conversation !== undefined
    if (after > 0 && after <= count && deletions === visitor.deletions) this.#sent = after
    else {
      const newest = await store.before(place.teamId, visitor.conversationId, count + 1, MESSAGES_A_FRAME)
      const messages = await store.publicView(place.teamId, newest.messages, this.#names)
      const { hasOlder } = newest
      this.#answer({ type: 'history', messages, hasOlder, deletions: visitor.deletions })
      this.#sent = newest.messages.at(-1)?.ordinal ?? 0
    }
    this.#greeted = true
    this.#lastState = ''
    await this.#pump()
  }

  async #pump(): Promise<void> {
    this.#pumpAgain = false
    if (!this.#greeted) return
    const { core, store, place, visitor } = this.#parts
    for (;;) {
      const fresh = await store.after(place.teamId, visitor.conversationId, this.#sent, MESSAGES_A_FRAME)
      const last = fresh.at(-1)
      if (!last) break
      const messages = await store.publicView(place.teamId, fresh, this.#names)
      this.#answer({ type: 'messages', messages })
      this.#sent = last.ordinal
    }
    const conversation = await core.row(place.teamId, 'conversation', visitor.conversationId)
    // It was deleted: the page comes back, and is told what there is now.
    if (this.#there && !conversation) return this.close()
    this.#there = conversation !== undefined
    await this.#tellState(conversation)
  }

  async #older(before: number): Promise<void> {
    const { store, place, visitor } = this.#parts
    const page = await store.before(place.teamId, visitor.conversationId, before, MESSAGES_A_FRAME)
    const messages = await store.publicView(place.teamId, page.messages, this.#names)
    this.#answer({ type: 'older', messages, hasOlder: page.hasOlder })
  }

  async #send(id: string, content: Extract<PageFrame, { type: 'send' }>['content']): Promise<void> {
    const { core, place, visitor } = this.#parts
    const refusal = await this.#mayWrite(content)
    if (refusal) return this.#answer({ type: 'refused', id, refusal })
    const known = await this.#contentOf(content)
    if ('code' in known) return this.#answer({ type: 'refused', id, refusal: known })
    const result = await core.system(place.teamId, 'message.receive', {
      channelId: place.channel.id,
      externalId: visitor.id,
      name: visitorName(visitor),
      contactId: visitor.contactId,
      conversationId: visitor.firstConversationId,
      messageId: id,
      content: known,
    })
    this.#types(false)
    const kept = !visitor.isSuppressed
    this.#answer(result.ok ? { type: 'accepted', id, kept } : { type: 'refused', id, refusal: result.refusal })
  }

  async #mayWrite(content: Extract<PageFrame, { type: 'send' }>['content']): Promise<Refusal | null> {
    const { throttle, visitor, address } = this.#parts
    // Before counting: who pasted too much is told so, not that they were too fast.
    if (content.kind === 'text' && content.text.length > 4 * MESSAGE_TEXT_MAX) {
      const { length } = content.text
      return refuse('text.tooLong', { length, max: MESSAGE_TEXT_MAX }, { instead: 'shorten' })
    }
    return (await throttle('messages', visitor.id)) ?? (await throttle('messagesOfAddress', address))
  }

  async #contentOf(content: Extract<PageFrame, { type: 'send' }>['content']): Promise<InboundContent | Refusal> {
    if (content.kind === 'text') return content
    const { files, place, visitor } = this.#parts
    const found = await files.contentOf(place.teamId, visitor.conversationId, content.attachmentId, content.image)
    return found ?? refuse('attachment.missing', { name: '' })
  }

  /** Tells the team how far its messages have come; gives back up to where it did. */
  async #progress(upTo: number, already: number, state: 'delivered' | 'read'): Promise<number> {
    const reached = Math.min(upTo, this.#sent)
    if (reached <= already) return already
    const { core, store, place, visitor, log } = this.#parts
    const ids = await store.notYet(place.teamId, visitor.conversationId, reached, state)
    for (let at = 0; at < ids.length; at += PROGRESS_AT_ONCE) {
      const messageIds = ids.slice(at, at + PROGRESS_AT_ONCE)
      const result = await core.system(place.teamId, 'message.progress', { messageIds, delivery: { state } })
      if (!result.ok) log.warn({ code: result.refusal.code }, 'web chat: a delivery report was refused')
    }
    return reached
  }

  #types(on: boolean): void {
    const { core, place, visitor } = this.#parts
    if (on !== (this.#typing !== null)) core.customerTyping(place.teamId, visitor.conversationId, on)
    if (this.#typing) clearTimeout(this.#typing)
    this.#typing = on ? setTimeout(() => this.#types(false), TYPING_FOR) : null
    this.#typing?.unref()
  }

  async #tellState(conversation: Conversation | undefined): Promise<void> {
    const follower = conversation?.status === 'open' ? conversation.followerId : null
    const name = follower ? await this.#parts.store.memberName(this.#parts.place.teamId, follower, this.#names) : null
    const state: PageAnswer = { type: 'state', stage: stageOf(conversation), name }
    const text = JSON.stringify(state)
    if (text === this.#lastState) return
    this.#lastState = text
    this.#answer(state)
  }

  #answer(answer: PageAnswer): void {
    if (this.#closed) return
    if (this.#ws.bufferedAmount > BUFFERED_MAX) return this.#ws.terminate()
    this.#ws.send(JSON.stringify(answer))
  }

  #fail(error: Refusal, code: number): void {
    this.#answer({ type: 'error', error })
    this.#ws.close(code)
    this.#end()
  }

  #ping(): void {
    if (!this.#alive) return this.#ws.terminate()
    this.#alive = false
    this.#ws.ping()
  }

  #end(): void {
    if (this.#closed) return
    this.#types(false)
    this.#closed = true
    clearInterval(this.#timer)
  }
}

function parseFrame(data: string): PageFrame | null {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return null
  }
  const parsed = PageFrame.safeParse(value)
  return parsed.success ? parsed.data : null
}

function stageOf(conversation: Conversation | undefined): Extract<PageAnswer, { type: 'state' }>['stage'] {
  if (!conversation) return 'new'
  if (conversation.status === 'closed') return 'closed'
  return conversation.waitingSince === null && conversation.status === 'open' ? 'answered' : 'waiting'
}
