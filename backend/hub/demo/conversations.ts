/**
 * The demo team's conversations, made by the rules themselves: every message is received, taken, answered and closed
 * by the same commands as in earnest, each conversation in a store of its own, so that what comes out is consistent.
 */
import type { CommandArgs, CommandName } from '../../domain/commands.ts'
import { AttachmentId, ContactId, ConversationId, MessageId } from '../../domain/ids.ts'
import type { MemberId, ReplyId } from '../../domain/ids.ts'
import type { Channel, Contact, Member, Time } from '../../domain/rows.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { PlainStore } from '../../sync/plain-store.ts'
import type { Content, StoredContent } from '../../domain/messages/content.ts'
import type { Language } from './people.ts'
import { describe, externalIdOf, nameOf } from './people.ts'
import type { Random } from './random.ts'
import { channels, members, team } from './team.ts'

export type SampleFile = { name: string; mime: 'image/png' | 'application/pdf'; bytes: Uint8Array<ArrayBuffer> }
/** A file that a conversation or a saved reply shows, to be stored under its id. */
export type NeededFile = { attachmentId: AttachmentId; file: SampleFile } & (
  { conversationId: ConversationId } | { replyId: ReplyId; uploadedBy: MemberId }
)

/** One conversation while it is made. Times only go forward. */
export class Sample {
  readonly conversationId: ConversationId
  readonly files: NeededFile[] = []
  readonly channel: Channel
  readonly language: Language
  readonly name: string
  readonly #n: number
  readonly #random: Random
  readonly #store = new PlainStore()
  readonly #externalId: string
  readonly #read: MessageId[] = []
  #messages = 0
  salespersonId: string | null = null

  constructor(random: Random, n: number, channel: Channel, language: Language) {
    this.#random = random
    this.#n = n
    this.channel = channel
    this.language = language
    this.conversationId = ConversationId.parse(`demo-${String(n).padStart(4, '0')}`)
    this.#externalId = externalIdOf(random, channel)
    this.name = nameOf(random, language, channel)
    this.#store.put('team', team)
    for (const one of channels) this.#store.put('channel', one)
    for (const one of members) this.#store.put('member', one)
  }

  get conversation() {
    const [conversation] = this.#store.all('conversation')
    if (!conversation) throw new Error('nobody has written yet')
    return conversation
  }

  /** When something was last said in it; 0 before its beginning. */
  get lastAt(): Time {
    return this.#store.all('conversation')[0]?.lastMessage?.at ?? 0
  }

  customer(text: string, at: Time): void {
    this.#receive({ kind: 'text', text }, at)
  }

  /** The customer sends a picture. */
  picture(file: SampleFile, size: { width: number; height: number }, at: Time): void {
    const { name, bytes } = file
    this.#receive({ kind: 'image', ...this.#file(file), name, size: bytes.length, mime: 'image/png', ...size }, at)
  }

  member(by: Member, text: string, at: Time): void {
    this.#send(by, { kind: 'text', text }, at)
  }

  document(by: Member, file: SampleFile, at: Time): void {
    const { name, bytes } = file
    this.#send(by, { kind: 'file', ...this.#file(file), name, size: bytes.length, mime: 'application/pdf' }, at)
  }

  note(by: Member, text: string, at: Time): void {
    this.#run('note.add', { ...this.#ids(), text }, at, by)
  }

  take(by: Member, at: Time): void {
    this.#run('conversation.take', this.#ids(), at, by)
  }

  close(by: Member, at: Time): void {
    this.#run('conversation.close', this.#ids(), at, by)
  }

  transfer(by: Member, to: Member, at: Time): void {
    this.#run('conversation.transfer', { ...this.#ids(), toMemberId: to.id }, at, by)
  }

  add(by: Member, others: readonly Member[], at: Time): void {
    this.#run('collaboration.add', { ...this.#ids(), memberIds: others.map(({ id }) => id) }, at, by)
  }

  join(by: Member, at: Time): void {
    this.#run('collaboration.join', this.#ids(), at, by)
  }

  takeOver(by: Member, at: Time): void {
    this.#run('collaboration.takeOver', this.#ids(), at, by)
  }

  /** The member asks to be let in. */
  ask(by: Member, at: Time): void {
    this.#run('collaboration.ask', { conversationId: this.conversationId }, at, by)
  }

  read(by: Member, at: Time): void {
    const { conversationId } = this
    this.#run('conversation.markRead', { conversationId, readInbound: this.conversation.inboundCount }, at, by)
  }

  pin(by: Member, at: Time): void {
    this.#run('conversation.pin', { conversationId: this.conversationId, pinned: true }, at, by)
  }

  /** Every row of it, and what is known of the customer. The customer has read all but the newest answer. */
  rows(now: Time): TableRow[] {
    const newest = this.#read.at(-1)
    for (let from = 0; from < this.#read.length; from += 200) {
      const messageIds = this.#read.slice(from, from + 200)
      this.#run('message.progress', { messageIds, delivery: { state: 'delivered' } }, now)
      const seen = messageIds.filter((id) => id !== newest || this.#random.chance(0.6))
      if (seen.length > 0) this.#run('message.progress', { messageIds: seen, delivery: { state: 'read' } }, now)
    }
    const [contact] = this.#store.all('contact')
    if (!contact) throw new Error('nobody has written yet')
    const whole: Contact = describe(this.#random, contact, this.#n, this.salespersonId)
    return [
      ['contact', whole],
      ['conversation', this.conversation],
      ...this.#store.all('message').map((row): TableRow => ['message', row]),
      ...this.#store.all('mark').map((row): TableRow => ['mark', row]),
    ]
  }

  #receive(content: StoredContent | Extract<Content, { kind: 'text' }>, at: Time): void {
    this.#run(
      'message.receive',
      {
        channelId: this.channel.id,
        externalId: this.#externalId,
        name: this.name,
        contactId: ContactId.parse(this.conversationId),
        ...this.#ids(),
        content,
      },
      at,
    )
  }

  #send(by: Member, content: Content, at: Time): void {
    const ids = this.#ids()
    this.#run('message.send', { ...ids, content }, at, by)
    this.#read.push(ids.messageId)
  }

  #ids(): { conversationId: ConversationId; messageId: MessageId } {
    this.#messages += 1
    const { conversationId } = this
    return { conversationId, messageId: MessageId.parse(`${conversationId}-${this.#messages}`) }
  }

  #file(file: SampleFile): { attachmentId: AttachmentId } {
    const attachmentId = AttachmentId.parse(`${this.conversationId}-file-${this.files.length + 1}`)
    this.files.push({ conversationId: this.conversationId, attachmentId, file })
    return { attachmentId }
  }

  #run<N extends CommandName>(name: N, args: CommandArgs<N>, now: Time, by?: Member): void {
    const actor = by ? this.#store.actor(by) : ({ type: 'system' } as const)
    const outcome = this.#store.run(name, args, { actor, now })

    if (!outcome.ok)
      throw new Error(`the sample's ${name} was refused: ${outcome.refusal.code} in ${this.conversationId}`)
  }
}
