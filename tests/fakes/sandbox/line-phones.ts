/** The phones of LINE's users: what they do goes to the fake, what the account shows them comes on the board. */
import type { DemoCustomer } from '../../../backend/hub/demo/routes.ts'
import type { LineAccount } from '../line/account.ts'
import type { CustomerMessage } from '../line/events.ts'
import type { OutgoingMessage } from '../line/message-schemas.ts'
import type { Chat as LineChat, User } from '../line/people.ts'
import type { ShownMessage } from '../line/shown.ts'
import type { Board } from './board.ts'
import type { Files } from './files.ts'
import { LINE_GROUP, LINE_PEOPLE } from './people.ts'
import { Refusal } from './refusal.ts'
import { SAMPLE_PLACE, VOICE_LASTS, sampleDocument, samplePicture, sampleVoice } from './samples.ts'
import type { SampleFile } from './samples.ts'
import type { Chat, Content, Entry, Sample } from './view.ts'

/** A sticker of LINE's own, as its webhooks tell of it. */
const STICKER = { packageId: '446', stickerId: '1993', keywords: ['謝謝', '開心'] }

type Parts = { account: LineAccount; board: Board; files: Files; now: () => number }

export class LinePhones {
  readonly #parts: Parts
  #pictures = 0

  constructor(parts: Parts) {
    this.#parts = parts
    const { account } = parts
    for (const { id, name, phone, isFriend } of LINE_PEOPLE) account.addUser({ id, name, phone, isFriend })
    account.addGroup(LINE_GROUP)
    for (const user of account.people.users()) this.#tellUser(user)
    for (const group of account.people.chats()) this.#tellGroup(group)
    account.on('shown', (shown) => this.#show(shown))
  }

  /** Whom the hub knows from earlier, LINE knows too. */
  meet({ kind, externalId, name, isBlocked, people }: DemoCustomer): void {
    const { account } = this.#parts
    if (kind === 'group') {
      const members = people.map((one) => this.#user(one.externalId, one.name))
      const group = account.people.findChat(externalId) ?? account.addGroup({ id: externalId, name, members })
      group.hasAccount = !isBlocked
      if (this.#parts.board.chat(group.id)) this.#tellGroup(group)
      return
    }
    const user = this.#user(externalId, name)
    user.friendship = isBlocked ? 'blocked' : 'friend'
    if (this.#parts.board.chat(user.id)) this.#tellUser(user)
  }

  write(chat: Chat, as: string | undefined, text: string): void {
    this.#send(chat, as, { type: 'text', text }, { kind: 'text', text })
  }

  sample(chat: Chat, as: string | undefined, what: Sample): void {
    switch (what) {
      case 'picture':
        this.#pictures += 1
        return this.file(chat, as, samplePicture(this.#pictures))
      case 'document':
        return this.file(chat, as, sampleDocument())
      case 'voice':
        return this.file(chat, as, sampleVoice(), VOICE_LASTS)
      case 'sticker':
        return this.#send(chat, as, { type: 'sticker', ...STICKER }, stickerOf(STICKER.keywords))
      case 'location': {
        const { title, address } = SAMPLE_PLACE
        return this.#send(chat, as, { type: 'location', ...SAMPLE_PLACE }, { kind: 'location', title, address })
      }
      case 'contact':
        throw new Refusal('notHere')
    }
  }

  /** @param durationMs of a sound */
  file(chat: Chat, as: string | undefined, { name, mime, bytes }: SampleFile, durationMs = 1_000): void {
    const src = this.#parts.files.keep(bytes, mime)
    const kind = mime.split('/')[0]
    if (kind === 'image') {
      const content: Content = { kind: 'image', src, caption: '', problem: null }
      this.#send(chat, as, { type: 'image', bytes, mime }, content)
    } else if (kind === 'audio' || kind === 'video') {
      this.#send(chat, as, { type: kind, bytes, mime, durationMs }, { kind, src })
    } else {
      this.#send(chat, as, { type: 'file', name, bytes, mime }, { kind: 'file', name, src })
    }
  }

  unsend(chat: Chat, entry: Entry): void {
    if (typeof entry.by === 'string' || entry.content.kind === 'unsent') throw new Refusal('notThere')
    this.#parts.account.unsend(entry.by.id, entry.id, chat.app === 'group' ? chat.id : undefined)
    this.#parts.board.changeEntry(entry.id, { content: { kind: 'unsent' } })
  }

  follow({ id, relation }: Chat): void {
    this.#parts.account.follow(id)
    this.#happened(id, relation === 'blocked' ? 'unblocked' : 'followed')
    this.#tellUser(this.#parts.account.people.user(id))
  }

  block({ id, relation }: Chat): void {
    if (relation === 'blocked') throw new Refusal('blocked')
    this.#parts.account.unfollow(id)
    this.#happened(id, 'blocked')
    this.#tellUser(this.#parts.account.people.user(id))
  }

  join({ id }: Chat): void {
    this.#parts.account.join(id)
    this.#happened(id, 'joined')
    this.#tellGroup(this.#parts.account.people.chat(id))
  }

  leave({ id, relation }: Chat): void {
    if (relation === 'out') throw new Refusal('notInGroup')
    this.#parts.account.leave(id)
    this.#happened(id, 'left')
    this.#tellGroup(this.#parts.account.people.chat(id))
  }

  memberJoin({ id }: Chat, member: string): void {
    const { account } = this.#parts
    if (account.people.chat(id).members.has(account.people.user(member))) throw new Refusal('notThere')
    account.memberJoined(id, member)
    this.#happened(id, 'memberJoined', member)
    this.#tellGroup(account.people.chat(id))
  }

  memberLeave({ id }: Chat, member: string): void {
    const { account } = this.#parts
    if (!account.people.chat(id).members.has(account.people.user(member))) throw new Refusal('notInGroup')
    account.memberLeft(id, member)
    this.#happened(id, 'memberLeft', member)
    this.#tellGroup(account.people.chat(id))
  }

  #user(id: string, name: string): User {
    const { people } = this.#parts.account
    return people.findUser(id) ?? people.addUser({ id, name, isFriend: true })
  }

  #send(chat: Chat, as: string | undefined, message: CustomerMessage, content: Content): void {
    const { account, board } = this.#parts
    const isGroup = chat.app === 'group'
    const user = account.people.findUser(isGroup ? (as ?? '') : chat.id)
    if (!user) throw new Refusal('notThere')
    if (!isGroup && user.friendship === 'blocked') throw new Refusal('blocked')
    if (isGroup && (chat.relation === 'out' || !account.people.chat(chat.id).members.has(user))) {
      throw new Refusal('notInGroup')
    }
    const { message: sent, timestamp } = account.send(user, message, isGroup ? { in: chat.id } : {})
    const by = { id: user.id, name: user.name }
    board.putEntry({ ...nothing, id: sent.id, chatId: chat.id, at: timestamp, by, content })
  }

  #happened(chatId: string, event: Extract<Content, { kind: 'event' }>['event'], member?: string): void {
    const { account, board, now } = this.#parts
    const user = member === undefined ? null : account.people.user(member)
    const by = user ? { id: user.id, name: user.name } : 'nobody'
    const id = `event-${chatId}-${now()}-${event}-${member ?? ''}`
    board.putEntry({ ...nothing, id, chatId, at: now(), by, content: { kind: 'event', event } })
  }

  #show({ id, chatId, at, message }: ShownMessage): void {
    const { account, board } = this.#parts
    const user = account.people.findUser(chatId)
    if (!board.chat(chatId)) {
      if (user) this.#tellUser(user)
      else this.#tellGroup(account.people.chat(chatId))
    }
    board.putEntry({ ...nothing, id, chatId, at, by: 'shop', content: contentOf(message) })
    if (message.type === 'image') void this.#fetchPicture(id, message.originalContentUrl)
  }

  async #fetchPicture(entryId: string, url: string): Promise<void> {
    const { account, board, files } = this.#parts
    const picture = await account.fetchPicture(url)
    const src = picture.ok ? files.keep(picture.bytes, picture.mime) : null
    const problem = picture.ok ? null : picture.problem
    board.changeEntry(entryId, { content: { kind: 'image', src, caption: '', problem } })
  }

  #tellUser({ id, name, friendship, phone }: User): void {
    this.#parts.board.putChat({
      id,
      app: 'line',
      name,
      about: phone ?? `${id.slice(0, 9)}…`,
      isNamed: LINE_PEOPLE.some((one) => one.id === id),
      relation: friendship === 'friend' ? 'with' : friendship === 'blocked' ? 'blocked' : 'stranger',
      members: [],
      windowUntil: null,
    })
  }

  #tellGroup({ id, name, members, hasAccount }: LineChat): void {
    const isOurs = id === LINE_GROUP.id
    const all = new Set([...members].map((user) => user.id))
    const others = isOurs ? LINE_PEOPLE.filter((one) => !all.has(one.id)) : []
    this.#parts.board.putChat({
      id,
      app: 'group',
      name,
      about: `${id.slice(0, 9)}…`,
      isNamed: isOurs,
      relation: hasAccount ? 'with' : 'out',
      members: [
        ...[...members].map((user) => ({ id: user.id, name: user.name, isIn: true })),
        ...others.map((user) => ({ id: user.id, name: user.name, isIn: false })),
      ],
      windowUntil: null,
    })
  }
}

const nothing = { state: null, failure: null, reaction: null } as const

const stickerOf = (keywords: readonly string[]): Content => ({ kind: 'sticker', label: keywords.join('、'), src: null })

function contentOf(message: OutgoingMessage): Content {
  switch (message.type) {
    case 'text':
    case 'textV2':
      return { kind: 'text', text: message.text }
    case 'image':
      return { kind: 'image', src: null, caption: '', problem: null }
    case 'location':
      return { kind: 'location', title: message.title, address: message.address }
    case 'template':
    case 'flex':
      return { kind: 'text', text: message.altText }
    case 'sticker':
    case 'video':
    case 'audio':
      return { kind: 'other', what: message.type }
  }
}
