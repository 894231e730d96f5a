/** The saved replies at the workstation: their files, and using one in a conversation (REP-1 to REP-4, REP-6). */
import { v7 as uuidv7 } from 'uuid'
import { AttachmentId, MessageId } from '../../domain/ids.ts'
import type { ConversationId, ReplyId } from '../../domain/ids.ts'
import { Content } from '../../domain/messages/content.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { REPLY_FILE_MAX, replyFiles } from '../../domain/replies/files.ts'
import type { ReplyFile } from '../../domain/replies/files.ts'
import { TAKE_BACK, mayUse } from '../../domain/replies/use.ts'
import { fillIn } from '../../domain/replies/variables.ts'
import type { Filled } from '../../domain/replies/variables.ts'
import type { Channel, Reply } from '../../domain/rows.ts'
import { acceptFile } from '../attachments/accept.ts'
import type { Result } from '../service.ts'
import type { Send } from '../store/departing.ts'
import type { KeptFile, MemberStore, StoredAttachment } from '../store/member-store.ts'
import type { ReplyUse, ReplyUsed, SavedReplies, UploadedAttachment } from '../views.ts'

export type DeskParts = {
  store: MemberStore
  /** A file's bytes, from the device or from the hub. */
  file: (id: AttachmentId) => Promise<Result<KeptFile>>
  /** Milliseconds since 1970, by the device's clock. */
  now: () => number
  /** Something is on its way out. */
  onDeparting: () => void
  /** False when the member has left meanwhile, and the store with them. */
  isOpen: () => boolean
}

type Used = { reply: Reply; filled: Filled; conversationId: ConversationId; channel: Channel }

export class ReplyDesk {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  all(): SavedReplies {
    return this.#parts.store.replies()
  }

  /** Checks a file for a reply and keeps it on the device; it goes up ahead of the reply that shows it. */
  async addFile(name: string, mime: string, bytes: Uint8Array): Promise<Result<UploadedAttachment>> {
    const accepted = await acceptFile(name, mime, bytes, REPLY_FILE_MAX)
    if (!accepted.ok) return accepted
    if (!this.#parts.isOpen()) return no(gone())
    const file = accepted.value
    this.#parts.store.addReplyFile(file)
    return { ok: true, value: uploaded(file) }
  }

  file(id: AttachmentId): Promise<Result<KeptFile>> {
    return this.#parts.file(id)
  }

  takeBack(id: string): Result<Record<string, never>> {
    return this.#parts.store.takeBack(id) ? { ok: true, value: {} } : no(refuse('request.notFound', {}))
  }

  /** Uses a reply; what the rules refuse is refused at once, and nothing is kept then. */
  async use(id: ReplyId, { conversationId, mode }: ReplyUse): Promise<Result<ReplyUsed>> {
    const found = this.#find(id, conversationId)
    if (!found.ok) return found
    const { filled, channel, reply } = found.value
    const conversation = this.#parts.store.conversation(conversationId)
    if (!conversation) return no(refuse('conversation.notVisible', {}))
    const may = mayUse(filled, channel, conversation.conversation)[mode]
    if (!may.allowed) return no(may.refusal)
    const files: KeptFile[] = []
    for (const { attachmentId } of replyFiles(reply)) {
      const file = await this.#parts.file(attachmentId)
      if (!file.ok) return file
      files.push(file.value)
    }
    if (!this.#parts.isOpen()) return no(gone())
    // Fetching may have taken a while: what left the member's sight meanwhile is not used any more.
    const still = this.#find(id, conversationId)
    if (!still.ok) return still
    return mode === 'apply' ? this.#apply(found.value, files) : this.#send(found.value, files)
  }

  #find(id: ReplyId, conversationId: ConversationId): Result<Used> {
    const { store } = this.#parts
    const reply = store.replies().replies.find((one) => one.id === id)
    const reference = store.reference()
    const member = store.me()
    if (!reply || !reference || !member) return no(refuse('request.notFound', {}))
    const view = store.conversation(conversationId)
    if (!view) return no(refuse('conversation.notVisible', {}))
    const channel = reference.channels.find((one) => one.id === view.conversation.channelId)
    if (!channel) return no(refuse('request.notFound', {}))
    const { stores, team } = reference
    const filled = fillIn(reply, { contact: view.contact, member, stores, team, channel })
    return { ok: true, value: { reply, filled, conversationId, channel } }
  }

  #apply({ filled, conversationId }: Used, files: readonly KeptFile[]): Result<ReplyUsed> {
    const { messages, missing } = filled
    const copies = replyFiles(filled).map((shown) => copyOf(shown, files, conversationId))
    for (const copy of copies) this.#parts.store.addAttachment(copy)
    const text = messages.flatMap((message) => (message.kind === 'text' ? [message.text] : [])).join('\n\n')
    return { ok: true, value: { mode: 'apply', text, attachments: copies.map(uploaded), missing } }
  }

  #send({ filled, conversationId }: Used, files: readonly KeptFile[]): Result<ReplyUsed> {
    const { store, now, onDeparting } = this.#parts
    const copies: StoredAttachment[] = []
    const sends = filled.messages.map((message): Send => {
      const messageId = MessageId.parse(uuidv7())
      if (message.kind === 'text') return { conversationId, messageId, content: message }
      const copy = copyOf(message, files, conversationId)
      copies.push(copy)
      // The reply was saved with a type and size that a message takes.
      return { conversationId, messageId, content: Content.parse({ ...message, attachmentId: copy.id }) }
    })
    const at = now()
    const departed = store.depart({ id: uuidv7(), leavesAt: at + TAKE_BACK, sends, files: copies }, at)
    if (!departed.ok) return departed
    onDeparting()
    return { ok: true, value: { mode: 'send', departing: departed.value } }
  }
}

/** The bytes under a new id for the conversation: deleting that erases its own copy, and the reply keeps its own. */
function copyOf(shown: ReplyFile, files: readonly KeptFile[], conversationId: ConversationId): StoredAttachment {
  const file = files.find(({ id }) => id === shown.attachmentId)
  if (!file) throw new Error('a file of the reply was not loaded')
  const { name, mime, size } = shown
  const pixels = shown.kind === 'image' ? { width: shown.width, height: shown.height } : { width: null, height: null }
  return { id: AttachmentId.parse(uuidv7()), conversationId, name, mime, size, bytes: file.bytes, ...pixels }
}

function uploaded({
  id,
  name,
  mime,
  size,
  width,
  height,
}: Omit<StoredAttachment, 'conversationId'>): UploadedAttachment {
  return { attachmentId: id, name, mime, size, width, height }
}

function gone(): Refusal {
  return refuse('request.unauthorised', {}, { instead: 'sign-in' })
}

function no(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal }
}
