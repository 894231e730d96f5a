/** `PUT` and `GET /attachments/:id` for members. The limit on size is kept while reading, not by what the request says. */
import { Hono } from 'hono'
import { z } from 'zod'
import { ATTACHMENT_MAX, attachmentHeaders } from '../../domain/attachments.ts'
import { AttachmentId, ConversationId, ReplyId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { REPLY_FILE_MAX, replyFiles } from '../../domain/replies/files.ts'
import { mayEditReply, mayKeepReplies, maySeeReply } from '../../domain/replies/permissions.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator, HubCore, Identity } from '../core.ts'
import type { Attachments, Found } from './attachments.ts'

const name = z.string().min(1).max(255)
const Target = z.union([
  z.strictObject({ conversationId: ConversationId, name }),
  z.strictObject({ replyId: ReplyId, name }),
])
const Param = z.object({ id: AttachmentId })

/** The routes, to be mounted at the root. */
export function attachmentRoutes(attachments: Attachments, core: Pick<HubCore, 'row' | 'sees'>, auth: Authenticator) {
  return new Hono<SignedIn>()
    .put('/attachments/:id', signedIn(auth), checked('param', Param), checked('query', Target), async (c) => {
      const { name, ...owner } = c.req.valid('query')
      const { teamId, memberId } = c.get('identity')
      const refusal = await mayPut(core, c.get('identity'), owner)
      if (refusal) return refuseWith(c, refusal)
      const max = 'replyId' in owner ? REPLY_FILE_MAX : ATTACHMENT_MAX
      if (Number(c.req.header('content-length') ?? 0) > max) {
        return refuseWith(c, refuse('attachment.tooLarge', { name, max }, { instead: 'choose-other' }))
      }
      const stored = await attachments.store({
        teamId,
        ...('replyId' in owner ? { ...owner, uploadedBy: memberId } : owner),
        attachmentId: c.req.valid('param').id,
        name,
        declared: c.req.header('content-type') ?? '',
        bytes: c.req.raw.body ?? new Blob([]).stream(),
      })
      return stored.ok ? c.json(stored.info) : refuseWith(c, stored.refusal)
    })
    .get('/attachments/:id', signedIn(auth), checked('param', Param), async (c) => {
      const { id } = c.req.valid('param')
      const { teamId } = c.get('identity')
      const found = await attachments.find(teamId, id)
      // The same answer for what is not there and for what the member may not see.
      if (!found || !(await mayGet(core, c.get('identity'), id, found))) {
        return refuseWith(c, refuse('attachment.missing', { name: '' }))
      }
      const { name, mime, size } = found.info
      const bytes = await attachments.open(teamId, id)
      if (!bytes) return refuseWith(c, refuse('attachment.missing', { name }))
      return c.body(bytes, 200, { ...attachmentHeaders(mime, name), 'content-length': String(size) })
    })
}

type Reader = Pick<HubCore, 'row' | 'sees'>
type Owner = { conversationId: ConversationId } | { replyId: ReplyId }

/** Why the member may not add a file there. A reply that is just being made is not there yet. */
async function mayPut(core: Reader, { teamId, memberId }: Identity, owner: Owner): Promise<Refusal | null> {
  const member = await core.row(teamId, 'member', memberId)
  if ('conversationId' in owner) {
    const isSeen = member !== undefined && (await core.sees(teamId, member, owner.conversationId))
    return isSeen ? null : refuse('conversation.notVisible', {})
  }
  const reply = await core.row(teamId, 'reply', owner.replyId)
  if (!member || (reply && !maySeeReply(reply, member))) return refuse('request.notFound', {})
  const may = reply ? mayEditReply(reply, member) : mayKeepReplies(member)
  return may.allowed ? null : may.refusal
}

/** Whether the member sees what shows the file; one that no reply shows is its uploader's, who is about to save it. */
async function mayGet(core: Reader, { teamId, memberId }: Identity, id: AttachmentId, found: Found): Promise<boolean> {
  const member = await core.row(teamId, 'member', memberId)
  if (!member) return false
  if (found.conversationId !== null) return core.sees(teamId, member, ConversationId.parse(found.conversationId))
  const reply = await core.row(teamId, 'reply', ReplyId.parse(found.replyId))
  const isShown = reply && replyFiles(reply).some(({ attachmentId }) => attachmentId === id)
  return isShown ? maySeeReply(reply, member) : member.active && found.uploadedBy === member.id
}
