/** The phones of WhatsApp's users: what they do goes to the fake, what the business sends them comes on the board. */
import type { DemoCustomer } from '../../../backend/hub/demo/routes.ts'
import { WINDOW } from '../whatsapp/account.ts'
import type { WhatsAppAccount } from '../whatsapp/account.ts'
import type { CustomerMessage, WhatsAppUser } from '../whatsapp/customer.ts'
import type { SentMessage } from '../whatsapp/sent.ts'
import type { Board } from './board.ts'
import type { Files } from './files.ts'
import { WHATSAPP_PEOPLE } from './people.ts'
import { Refusal } from './refusal.ts'
import { SAMPLE_PLACE, sampleDocument, samplePicture, sampleSticker, sampleVoice } from './samples.ts'
import type { SampleFile } from './samples.ts'
import type { Button, Chat, Content, Entry, Sample } from './view.ts'

const HOUR = 60 * 60_000

type Parts = { account: WhatsAppAccount; board: Board; files: Files; now: () => number }

export class WhatsAppPhones {
  readonly #parts: Parts
  /** Where the file of a message of the business is, once the phone has it. */
  readonly #shownFiles = new Map<string, string>()
  #pictures = 0

  constructor(parts: Parts) {
    this.#parts = parts
    for (const person of WHATSAPP_PEOPLE) this.#tellUser(parts.account.addUser(person))
    parts.account.sent.on((sent) => this.#show(sent))
  }

  /** Whom the hub knows from earlier, WhatsApp knows too, and since when they are silent. */
  meet({ externalId, name, lastInboundAt }: DemoCustomer): void {
    const { account, board } = this.#parts
    const isNumber = /^\d+$/.test(externalId)
    const user =
      account.user(externalId) ??
      account.addUser(isNumber ? { name, waId: externalId } : { name, userId: externalId, withoutPhone: true })
    user.lastInboundAt = Math.max(lastInboundAt ?? 0, user.lastInboundAt ?? 0) || null
    if (board.chat(idOf(user))) this.#tellUser(user)
  }

  write(chat: Chat, text: string): void {
    this.#send(chat, { type: 'text', text }, { kind: 'text', text })
  }

  async sample(chat: Chat, what: Sample): Promise<void> {
    switch (what) {
      case 'picture':
        this.#pictures += 1
        return this.file(chat, samplePicture(this.#pictures))
      case 'document':
        return this.file(chat, sampleDocument())
      case 'voice':
        return this.file(chat, sampleVoice())
      case 'sticker': {
        const { bytes, mime } = await sampleSticker()
        const src = this.#parts.files.keep(bytes, mime)
        return this.#send(chat, { type: 'sticker', bytes }, { kind: 'sticker', label: '', src })
      }
      case 'location': {
        const { title, address, latitude, longitude } = SAMPLE_PLACE
        const place = { name: title, address, latitude, longitude }
        return this.#send(chat, { type: 'location', ...place }, { kind: 'location', title, address })
      }
      case 'contact': {
        const contacts = [{ name: '張媽媽', phone: '+886912000299' }]
        return this.#send(chat, { type: 'contacts', contacts }, { kind: 'other', what: 'contacts' })
      }
    }
  }

  file(chat: Chat, { name, mime, bytes }: SampleFile): void {
    const src = this.#parts.files.keep(bytes, mime)
    const kind = mime.split('/')[0]
    if (kind === 'image') {
      const content: Content = { kind: 'image', src, caption: '', problem: null }
      this.#send(chat, { type: 'image', bytes, mimeType: mime }, content)
    } else if (kind === 'audio') {
      this.#send(chat, { type: 'audio', bytes, mimeType: mime, isVoice: true }, { kind, src })
    } else if (kind === 'video') {
      this.#send(chat, { type: 'video', bytes, mimeType: mime }, { kind, src })
    } else {
      this.#send(chat, { type: 'document', bytes, mimeType: mime, filename: name }, { kind: 'file', name, src })
    }
  }

  react(chat: Chat, entry: Entry, emoji: string): void {
    this.#parts.account.send(this.#user(chat), { type: 'reaction', to: entry.id, emoji })
    this.#parts.board.changeEntry(entry.id, { reaction: emoji || null })
    this.#tellUser(this.#user(chat))
  }

  /** Taps a template's button. */
  press(chat: Chat, entry: Entry, buttonId: string): void {
    const { content } = entry
    const button = content.kind === 'template' ? content.buttons.find(({ id }) => id === buttonId) : undefined
    if (!button?.isReply) throw new Refusal('notThere')
    const { text } = button
    this.#send(chat, { type: 'quickReply', to: entry.id, payload: buttonId, text }, { kind: 'text', text })
  }

  block(chat: Chat): void {
    if (chat.relation === 'blocked') throw new Refusal('blocked')
    this.#parts.account.block(this.#user(chat))
    this.#happened(chat, 'blocked')
  }

  unblock(chat: Chat): void {
    this.#parts.account.unblock(this.#user(chat))
    this.#happened(chat, 'unblocked')
  }

  /** The phone takes a message, or its owner reads it. */
  advance(entry: Entry, to: 'delivered' | 'read'): void {
    if (entry.by !== 'shop') throw new Refusal('notThere')
    if (!this.#parts.account.sent.advance(entry.id, to)) throw new Refusal('blocked')
  }

  /** The hub has let the same time go by. */
  passTime(chat: Chat, hours: number): void {
    const { account, board, now } = this.#parts
    account.passTime(this.#user(chat), hours * HOUR)
    const id = `passed-${chat.id}-${now()}`
    board.putEntry({ ...nothing, id, chatId: chat.id, at: now(), by: 'nobody', content: { kind: 'passed', hours } })
    this.#tellUser(this.#user(chat))
  }

  #user({ id }: Chat): WhatsAppUser {
    const user = this.#parts.account.user(id)
    if (!user) throw new Refusal('notThere')
    return user
  }

  #send(chat: Chat, message: CustomerMessage, content: Content): void {
    const { account, board, now } = this.#parts
    const user = this.#user(chat)
    // Who has blocked a business cannot write to it either.
    if (user.hasBlockedUs) throw new Refusal('blocked')
    const { wamid } = account.send(user, message)
    const by = { id: chat.id, name: chat.name }
    board.putEntry({ ...nothing, id: wamid, chatId: chat.id, at: now(), by, content })
    this.#tellUser(user)
  }

  #happened(chat: Chat, event: 'blocked' | 'unblocked'): void {
    const { board, now } = this.#parts
    const id = `event-${chat.id}-${now()}-${event}`
    board.putEntry({
      ...nothing,
      id,
      chatId: chat.id,
      at: now(),
      by: 'nobody',
      content: { kind: 'event', event },
    })
    this.#tellUser(this.#user(chat))
  }

  #show(sent: SentMessage): void {
    const { account, board } = this.#parts
    const user = account.user(sent.to)
    // To nobody's number nothing comes.
    if (!user) return
    const chatId = idOf(user)
    if (!board.chat(chatId)) this.#tellUser(user)
    const { wamid: id, at, state, failure } = sent
    const before = board.entry(id)
    board.putEntry({
      id,
      chatId,
      at,
      by: 'shop',
      content: this.#contentOf(sent),
      state,
      failure: failure && `${failure.code} ${failure.details}`,
      reaction: before?.reaction ?? null,
    })
  }

  #contentOf(sent: SentMessage): Content {
    const { message, template } = sent
    const src = this.#srcOf(sent)
    switch (message.type) {
      case 'text':
        return { kind: 'text', text: message.text.body }
      case 'image':
        return { kind: 'image', src, caption: message.image.caption ?? '', problem: null }
      case 'video':
      case 'audio':
        return { kind: message.type, src }
      case 'document':
        return { kind: 'file', name: message.document.filename ?? 'document', src }
      case 'sticker':
        return { kind: 'sticker', label: '', src }
      case 'location':
        return { kind: 'location', title: message.location.name ?? '', address: message.location.address ?? '' }
      case 'template':
        return {
          kind: 'template',
          header: template?.header?.kind === 'text' ? template.header.text : '',
          src,
          text: template?.body ?? '',
          footer: template?.footer ?? '',
          buttons: (template?.buttons ?? []).map((button, n): Button => ({
            id: button.payload ?? String(n),
            text: button.code === undefined ? button.text : `${button.text} ${button.code}`,
            isReply: button.type === 'QUICK_REPLY',
          })),
        }
      default:
        return { kind: 'other', what: message.type }
    }
  }

  #srcOf({ wamid, media }: SentMessage): string | null {
    const known = this.#shownFiles.get(wamid)
    if (known !== undefined || !media) return known ?? null
    const src = this.#parts.files.keep(media.bytes, media.mimeType)
    this.#shownFiles.set(wamid, src)
    return src
  }

  #tellUser(user: WhatsAppUser): void {
    const { name, username, waId, userId, lastInboundAt, hasBlockedUs } = user
    this.#parts.board.putChat({
      id: idOf(user),
      app: 'whatsapp',
      name,
      about: waId === null ? `@${username ?? userId}` : `+${waId}`,
      isNamed: WHATSAPP_PEOPLE.some((one) => one.userId === userId),
      relation: hasBlockedUs ? 'blocked' : 'with',
      members: [],
      windowUntil: lastInboundAt === null ? null : lastInboundAt + WINDOW,
    })
  }
}

const nothing = { state: null, failure: null, reaction: null } as const

const idOf = ({ waId, userId }: WhatsAppUser): string => waId ?? userId
