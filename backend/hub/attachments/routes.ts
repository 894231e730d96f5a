/** `PUT` and `GET /attachments/:id` for members. The limit on size is kept while reading, not by what the request says. */
import { Hono } from 'hono'
import { z } from 'zod'
import { ATTACHMENT_MAX, attachmentHeaders } from '../../domain/attachments.ts'
import { AttachmentId, ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import { checked, refuseWith, signedIn } from '../answer.ts'
import type { SignedIn } from '../answer.ts'
import type { Authenticator, HubCore, Identity } from '../core.ts'
import type { Attachments } from './attachments.ts'

const Target = z.strictObject({ conversationId: ConversationId, name: z.string().min(1).max(255) })
const Param = z.object({ id: AttachmentId })

/** The routes, to be mounted at the root. */
export function attachmentRoutes(attachments: Attachments, core: Pick<HubCore, 'row' | 'sees'>, auth: Authenticator) {
  return new Hono<SignedIn>()
    .put('/attachments/:id', signedIn(auth), checked('param', Param), checked('query', Target), async (c) => {
      const { conversationId, name } = c.req.valid('query')
      const { teamId } = c.get('identity')
      if (!(await sees(core, c.get('identity'), conversationId))) {
        return refuseWith(c, refuse('conversation.notVisible', {}))
      }
      if (Number(c.req.header('content-length') ?? 0) > ATTACHMENT_MAX) {
        return refuseWith(c, refuse('attachment.tooLarge', { name, max: ATTACHMENT_MAX }, { instead: 'choose-other' }))
      }
      const stored = await attachments.store({
        teamId,
        conversationId,
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
      if (!found || !(await sees(core, c.get('identity'), ConversationId.parse(found.conversationId)))) {
        return refuseWith(c, refuse('attachment.missing', { name: '' }))
      }
      const { name, mime, size } = found.info
      const bytes = await attachments.open(teamId, id)
      if (!bytes) return refuseWith(c, refuse('attachment.missing', { name }))
      return c.body(bytes, 200, { ...attachmentHeaders(mime, name), 'content-length': String(size) })
    })
}

async function sees(core: Pick<HubCore, 'row' | 'sees'>, identity: Identity, conversationId: ConversationId) {
  const member = await core.row(identity.teamId, 'member', identity.memberId)
  return member !== undefined && (await core.sees(identity.teamId, member, conversationId))
}
