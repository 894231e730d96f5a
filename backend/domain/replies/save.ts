/** Keeping a saved reply 預存回覆, changing it and removing it (REP-1). */
import { z } from 'zod'
import { ATTACHMENT_MAX, FILE_TYPES, IMAGE_TYPES } from '../attachments.ts'
import { AttachmentId, ReplyFolderId, ReplyId } from '../ids.ts'
import { refuse } from '../refusal.ts'
import { allow, asMember, defineCommand, effect, get, put, reject, remove } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { Visibility } from '../rows.ts'
import type { Member, Reply, ReplyMessage } from '../rows.ts'
import { cleanName, cleanText } from '../text.ts'
import { REPLY_FILE_MAX, replyFiles } from './files.ts'
import { mayEditReply, mayKeepReplies, maySeeFolder, maySeeReply, mayShare } from './permissions.ts'
import { variablesOf } from './variables.ts'

/** Messages of one reply, at most. */
export const REPLY_MESSAGES_MAX = 5
/**
 * Longest text of one message, counted as people count: in code points, so that a rare character or a plain emoji is
 * one. What a platform counts is another matter and is asked when the reply is used.
 */
export const REPLY_TEXT_MAX = 1_000

const file = {
  attachmentId: AttachmentId,
  name: z.string().min(1).max(255),
  size: z.number().int().positive().max(ATTACHMENT_MAX),
}
/** Loose in length and size, so that what is too long or too large is refused with a code. */
const Content = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string().max(200_000) }),
  z.strictObject({
    kind: z.literal('image'),
    ...file,
    mime: z.enum(IMAGE_TYPES),
    width: z.number().int().positive().max(100_000),
    height: z.number().int().positive().max(100_000),
  }),
  z.strictObject({ kind: z.literal('file'), ...file, mime: z.enum(FILE_TYPES) }),
])

/** Length of a text in code points. */
export function lengthOf(text: string): number {
  return [...text].length
}

/**
 * Makes a reply, or changes it whole; it stays its owner's. A folder that the member does not have is no folder: somebody
 * may have removed it meanwhile. What a changed reply no longer shows is removed.
 */
export const saveReply = defineCommand({
  name: 'reply.save',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({
    replyId: ReplyId,
    folderId: ReplyFolderId.nullable(),
    name: z.string().max(1_000),
    messages: z.array(Content).min(1).max(REPLY_MESSAGES_MAX),
    visibility: Visibility,
  }),
  *run({ replyId, folderId, name, messages, visibility }, context) {
    const member = yield* asMember(context)
    const before = yield* get('reply', replyId)
    if (before && !maySeeReply(before, member)) return yield* reject(refuse('request.notFound', {}))
    yield* allow(before ? mayEditReply(before, member) : mayKeepReplies(member))
    yield* allow(mayShare(visibility, member))
    yield* checkStores(visibility)
    const clean = cleanName(name)
    if (clean === '') return yield* reject(refuse('reply.name', {}))
    const checked: ReplyMessage[] = []
    for (const message of messages) checked.push(yield* checkMessage(message))
    const reply: Reply = {
      id: replyId,
      folderId: yield* folderFor(folderId, before, member),
      name: clean,
      messages: checked,
      visibility,
      ownerId: before?.ownerId ?? member.id,
      updatedAt: context.now,
    }
    yield* put('reply', reply)
    if (before) yield* removeFiles(before, reply)
  },
})

/** Removes a reply with its files. One that the member does not have is gone already. */
export const removeReply = defineCommand({
  name: 'reply.remove',
  by: 'member',
  offline: 'queue',
  args: z.strictObject({ replyId: ReplyId }),
  *run({ replyId }, context) {
    const member = yield* asMember(context)
    const reply = yield* get('reply', replyId)
    if (!reply || !maySeeReply(reply, member)) return
    yield* allow(mayEditReply(reply, member))
    yield* remove('reply', replyId)
    yield* removeFiles(reply, { messages: [] })
  },
})

function* checkMessage(message: z.output<typeof Content>): Rule<ReplyMessage> {
  if (message.kind !== 'text') {
    const { name, size } = message
    if (size > REPLY_FILE_MAX) {
      const refusal = refuse('attachment.tooLarge', { name, max: REPLY_FILE_MAX }, { instead: 'choose-other' })
      return yield* reject(refusal)
    }
    return { ...message, name: cleanName(name) || 'file' }
  }
  const text = cleanText(message.text)
  if (text.trim() === '') return yield* reject(refuse('text.empty', {}))
  const length = lengthOf(text)
  if (length > REPLY_TEXT_MAX) {
    return yield* reject(refuse('text.tooLong', { length, max: REPLY_TEXT_MAX }, { instead: 'shorten' }))
  }
  const [unknown] = variablesOf(text).unknown
  if (unknown !== undefined) return yield* reject(refuse('reply.variable', { name: cleanName(unknown) }))
  return { kind: 'text', text }
}

function* checkStores(visibility: Visibility): Rule {
  if (visibility.to !== 'stores') return
  for (const id of visibility.storeIds) {
    if (!(yield* get('store', id))) yield* reject(refuse('request.invalid', { field: 'visibility' }))
  }
}

/** Where it was it may stay: that may be a folder of its owner's, which who changes it does not have. */
function* folderFor(id: ReplyFolderId | null, before: Reply | undefined, member: Member): Rule<ReplyFolderId | null> {
  if (id === null || id === before?.folderId) return id
  const folder = yield* get('replyFolder', id)
  return folder && maySeeFolder(folder, member) ? folder.id : null
}

function* removeFiles(before: Reply, after: Pick<Reply, 'messages'>): Rule {
  const kept = new Set(replyFiles(after).map(({ attachmentId }) => attachmentId))
  for (const { attachmentId } of replyFiles(before)) {
    if (!kept.has(attachmentId)) yield* effect({ type: 'attachment.remove', attachmentId })
  }
}
