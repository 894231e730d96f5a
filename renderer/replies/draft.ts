/** A saved reply while it is written: what the form holds, what is wrong with it by the rules, and what is saved of it. */
import { ReplyId } from '../../backend/domain/ids.ts'
import type { ReplyFolderId, StoreId } from '../../backend/domain/ids.ts'
import type { CommandArgs } from '../../backend/domain/commands.ts'
import { isImageType } from '../../backend/domain/attachments.ts'
import { REPLY_MESSAGES_MAX, REPLY_TEXT_MAX, lengthOf } from '../../backend/domain/replies/save.ts'
import { variablesOf } from '../../backend/domain/replies/variables.ts'
import { cleanName, cleanText } from '../../backend/domain/text.ts'
import type { Reply, Role, Visibility } from '../../backend/domain/rows.ts'
import { newId } from '../api/id.ts'
import type { Upload } from '../inbox/composer/uploads.ts'
import { messageOf, replyFileAddress } from './reply-files.ts'
import type { SavedMessage } from './reply-files.ts'

export type DraftMessage = { key: string; kind: 'text'; text: string } | { key: string; kind: 'file'; upload: Upload }
export type ReplyDraft = {
  id: ReplyId
  /** It was never saved. */
  isNew: boolean
  folderId: ReplyFolderId | null
  name: string
  messages: DraftMessage[]
  /** All of it is kept while another choice is looked at. */
  visibility: { to: Visibility['to']; roles: Role[]; storeIds: StoreId[] }
}

/** A new reply, only for who writes it, with a message to begin with. */
export function newDraft(folderId: ReplyFolderId | null, messages: readonly SavedMessage[] = []): ReplyDraft {
  const id = ReplyId.parse(newId())
  const begun = messages.length > 0 ? messages : [{ kind: 'text', text: '' } as const]
  return {
    id,
    isNew: true,
    folderId,
    name: '',
    messages: begun.map((message, index) => draftMessage(message, `${id}-${index}`)),
    visibility: { to: 'owner', roles: [], storeIds: [] },
  }
}

/** The form of a reply as it was saved. Its keys stay the same for the same message. */
export function draftOf({ id, folderId, name, messages, visibility }: Reply): ReplyDraft {
  return {
    id,
    isNew: false,
    folderId,
    name,
    messages: messages.map((message, index) => draftMessage(message, `${id}-${index}`)),
    visibility: {
      to: visibility.to,
      roles: visibility.to === 'roles' ? visibility.roles : [],
      storeIds: visibility.to === 'stores' ? visibility.storeIds : [],
    },
  }
}

function draftMessage(message: Reply['messages'][number], key: string): DraftMessage {
  if (message.kind === 'text') return { key, kind: 'text', text: message.text }
  const { attachmentId, name, mime, size } = message
  const pixels =
    message.kind === 'image' ? { width: message.width, height: message.height } : { width: null, height: null }
  const attachment = { attachmentId, name, mime, size, ...pixels }
  const preview = isImageType(mime) ? replyFileAddress(attachmentId) : null
  return { key, kind: 'file', upload: { key, name, size, file: null, preview, state: { step: 'ready', attachment } } }
}

/** The messages that are whole: what can be shown already. */
export function messagesOf({ messages }: Pick<ReplyDraft, 'messages'>): SavedMessage[] {
  return messages.flatMap((message): SavedMessage[] => {
    if (message.kind === 'text') return [{ kind: 'text', text: message.text }]
    const { state } = message.upload
    const shown = state.step === 'ready' ? messageOf(state.attachment) : null
    return shown ? [shown] : []
  })
}

/** For whom it is; null while nobody was chosen. */
export function visibilityOf({
  visibility: { to, roles, storeIds },
}: Pick<ReplyDraft, 'visibility'>): Visibility | null {
  if (to === 'roles') return roles.length > 0 ? { to, roles } : null
  if (to === 'stores') return storeIds.length > 0 ? { to, storeIds } : null
  return { to }
}

export type MessageProblem =
  { type: 'empty' | 'uploading' | 'failed' } | { type: 'tooLong'; over: number } | { type: 'variable'; name: string }
export type Problems = {
  name: boolean
  /** There is not one message. */
  none: boolean
  /** By the key of the message. */
  messages: ReadonlyMap<string, MessageProblem>
  visibility: boolean
}

/** What is wrong with a draft, by the rules that the hub asks (REP-1). */
export function problemsOf(draft: ReplyDraft): Problems {
  const messages = new Map<string, MessageProblem>()
  for (const message of draft.messages) {
    const problem = message.kind === 'text' ? textProblem(message.text) : uploadProblem(message.upload)
    if (problem) messages.set(message.key, problem)
  }
  return {
    name: cleanName(draft.name) === '',
    none: draft.messages.length === 0,
    messages,
    visibility: visibilityOf(draft) === null,
  }
}

export function isFine({ name, none, messages, visibility }: Problems): boolean {
  return !name && !none && messages.size === 0 && !visibility
}

function textProblem(typed: string): MessageProblem | null {
  const text = cleanText(typed)
  if (text.trim() === '') return { type: 'empty' }
  const over = lengthOf(text) - REPLY_TEXT_MAX
  if (over > 0) return { type: 'tooLong', over }
  const [unknown] = variablesOf(text).unknown
  return unknown === undefined ? null : { type: 'variable', name: unknown }
}

function uploadProblem({ state }: Upload): MessageProblem | null {
  if (state.step === 'uploading') return { type: 'uploading' }
  return state.step === 'failed' || !messageOf(state.attachment) ? { type: 'failed' } : null
}

/** What `reply.save` takes; null while something is wrong. */
export function argsOf(draft: ReplyDraft): CommandArgs<'reply.save'> | null {
  const visibility = visibilityOf(draft)
  if (!isFine(problemsOf(draft)) || !visibility) return null
  const { id, folderId, name } = draft
  return { replyId: id, folderId, name, messages: messagesOf(draft), visibility }
}

/** Whether a draft says what was saved. */
export function isSaved(draft: ReplyDraft, reply: Reply): boolean {
  const said = ({ folderId, name, messages, visibility }: ReplyDraft): string =>
    JSON.stringify([
      folderId,
      name,
      messages.map((message) => (message.kind === 'text' ? message.text : [message.upload.state])),
      visibilityOf({ visibility }),
    ])
  return said(draft) === said(draftOf(reply))
}

/** How many more messages a draft takes. */
export function roomIn({ messages }: Pick<ReplyDraft, 'messages'>): number {
  return Math.max(0, REPLY_MESSAGES_MAX - messages.length)
}

/** The messages with the one at `from` at `to`. */
export function moved(messages: readonly DraftMessage[], from: number, to: number): DraftMessage[] {
  const one = messages[from]
  if (!one || to < 0 || to >= messages.length) return [...messages]
  return messages.toSpliced(from, 1).toSpliced(to, 0, one)
}
