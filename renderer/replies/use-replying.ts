/** Using saved replies in one conversation: what each says there, what may be done with it, and doing it (REP-3, REP-4). */
import { mayUse } from '../../backend/domain/replies/use.ts'
import { fillIn } from '../../backend/domain/replies/variables.ts'
import type { Filled } from '../../backend/domain/replies/variables.ts'
import type { ReplyId } from '../../backend/domain/ids.ts'
import type { Verdict } from '../../backend/domain/refusal.ts'
import type { Channel, Reply } from '../../backend/domain/rows.ts'
import type { ConversationView, ReplyUsed } from '../../backend/workstation/views.ts'
import { api, call } from '../api/client.ts'
import type { Called } from '../api/client.ts'
import { useReference } from '../session/reference.ts'

export type InPlace = { filled: Filled; may: { apply: Verdict; send: Verdict } }

export type Replying = {
  /** What the reply says there; null while the team's tables are not known. */
  inPlace(reply: Reply): InPlace | null
  use(id: ReplyId, mode: 'apply' | 'send'): Promise<Called<ReplyUsed>>
}

export function useReplying(view: () => ConversationView, channel: () => Channel): Replying {
  const reference = useReference()
  return {
    inPlace(reply) {
      const { me, team, stores } = reference
      if (!me || !team) return null
      const { contact, conversation } = view()
      const filled = fillIn(reply, { contact, member: me, stores, team, channel: channel() })
      return { filled, may: mayUse(filled, channel(), conversation) }
    },
    async use(id, mode) {
      const json = { conversationId: view().id, mode }
      const called = await call(api.api.replies[':id'].use.$post({ param: { id }, json }))
      // JSON has no brands; the local backend's own answer.
      return called.ok ? { ok: true, value: called.value as ReplyUsed } : called
    },
  }
}
