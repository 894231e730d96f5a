/** A visitor's files: taken in for their own conversation, given out only from it. */
import { randomUUID } from 'node:crypto'
import { FILE_TYPES, IMAGE_TYPES } from '../../../domain/attachments.ts'
import { AttachmentId } from '../../../domain/ids.ts'
import type { ConversationId, TeamId } from '../../../domain/ids.ts'
import type { StoredContent } from '../../../domain/messages/content.ts'
import type { AttachmentInfo } from '../../../sync/protocol.ts'
import type { Attachments, Stored } from '../../attachments/attachments.ts'
import type { ChatStore } from './store.ts'

/** What a visitor uploads has an id that begins so: they see it before a message shows it. */
const OWN = 'visitor-'

/** Where a visitor's files are. */
type Owner = { teamId: TeamId; conversationId: ConversationId }

export interface CustomerFiles {
  /** @param declared the type the browser says it is; believed only between plain text and CSV */
  store(owner: Owner, name: string, declared: string, bytes: ReadableStream<Uint8Array>): Promise<Stored>
  /**
   * An uploaded file as the content of a message; null when it is not the visitor's own.
   * @param size pixels, as the page measured it; a picture without is sent as a file
   */
  contentOf(
    teamId: TeamId,
    conversationId: ConversationId,
    attachmentId: AttachmentId,
    size: { width: number; height: number } | null,
  ): Promise<StoredContent | null>
  /** A file that the conversation shows the visitor; null for any other. */
  open(owner: Owner, id: AttachmentId): Promise<{ info: AttachmentInfo; bytes: ReadableStream<Uint8Array> } | null>
}

export function createCustomerFiles(
  attachments: Pick<Attachments, 'storeFromCustomer' | 'find' | 'open'>,
  store: Pick<ChatStore, 'shows'>,
): CustomerFiles {
  const own = async (teamId: TeamId, conversationId: ConversationId, id: AttachmentId) => {
    const found = await attachments.find(teamId, id)
    return found?.conversationId === conversationId ? found.info : null
  }
  return {
    store: (owner, name, declared, bytes) =>
      attachments.storeFromCustomer({
        ...owner,
        attachmentId: AttachmentId.parse(`${OWN}${randomUUID()}`),
        name,
        declared,
        bytes,
      }),
    async contentOf(teamId, conversationId, attachmentId, pixels) {
      const info = attachmentId.startsWith(OWN) ? await own(teamId, conversationId, attachmentId) : null
      if (!info) return null
      const { name, size } = info
      const image = IMAGE_TYPES.find((type) => type === info.mime)
      if (image && pixels) return { kind: 'image', attachmentId, name, size, mime: image, ...pixels }
      const mime = FILE_TYPES.find((type) => type === info.mime)
      return mime ? { kind: 'file', attachmentId, name, size, mime } : null
    },
    async open({ teamId, conversationId }, id) {
      const info = await own(teamId, conversationId, id)
      if (!info || !(id.startsWith(OWN) || (await store.shows(teamId, conversationId, id)))) return null
      const bytes = await attachments.open(teamId, id)
      return bytes && { info, bytes }
    },
  }
}
