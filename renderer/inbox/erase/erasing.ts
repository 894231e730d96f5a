/** Deleting one conversation, or putting its customer on the blacklist: asked for, confirmed, and done when the hub has it (DEL-6). */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { mayBlacklist, mayDelete } from '../../../backend/domain/conversations/delete.ts'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { refuse, refused } from '../../../backend/domain/refusal.ts'
import type { Refusal, Verdict } from '../../../backend/domain/refusal.ts'
import type { Conversation, Member } from '../../../backend/domain/rows.ts'
import type { Moment } from '../../../backend/domain/team/team.ts'
import { runCommand } from '../../api/command.ts'
import { useTaken } from '../../api/taken.ts'
import { useText } from '../../i18n/index.ts'
import { useSession } from '../../session/session.ts'
import { useToast } from '../../ui/toast.ts'
import { contactName } from '../contact/contact-name.ts'
import { useReasons } from '../conversation/reason.ts'
import type { ActedOn } from '../conversation/use-actions.ts'

export const ERASE_ACTIONS = ['delete', 'blacklist'] as const
export type EraseAction = (typeof ERASE_ACTIONS)[number]

/** Whether the member may, here and now: without the hub nobody. */
export function verdictOnErasing(
  action: EraseAction,
  conversation: Conversation,
  member: Member,
  moment: Moment,
  online: boolean,
): Verdict {
  const verdict = (action === 'delete' ? mayDelete : mayBlacklist)(conversation, member, moment)
  if (!verdict.allowed || online) return verdict
  return refused(refuse('request.offline', {}, { instead: 'go-online' }))
}

export const useErasing = defineStore('erasing', () => {
  const session = useSession()
  const { t } = useText()
  const { show } = useToast()
  const { reason } = useReasons()
  const taken = useTaken()
  /** What the dialog is open for. */
  const asking = shallowRef<{ action: EraseAction; on: ActedOn } | null>(null)
  /** The one that is under way. */
  const busy = ref<ConversationId | null>(null)
  const refusal = shallowRef<Refusal | null>(null)

  function ask(action: EraseAction, on: ActedOn): void {
    refusal.value = null
    asking.value = { action, on }
  }
  function close(): void {
    asking.value = null
  }

  /** Does what was asked; the dialog closes when the hub has done it, and says why when it has not. */
  async function confirm(): Promise<void> {
    const confirmed = asking.value
    if (!confirmed || busy.value !== null) return
    const { action, on } = confirmed
    const whose = session.member?.id
    busy.value = on.id
    refusal.value = null
    const queued = await runCommand(`conversation.${action}`, { conversationId: on.id })
    const answer = queued.ok ? await taken(queued.queueId) : queued
    // Another member's queue says nothing about this one.
    if (session.member?.id !== whose) return
    busy.value = null
    const isOpen = asking.value === confirmed
    if (answer.ok) show(t(`batch.erase.done.${action}`, { name: contactName(on.contact) }))
    else if (isOpen) refusal.value = answer.refusal
    else show(reason(answer.refusal), { kind: 'bad' })
    if (answer.ok && isOpen) close()
  }

  watch(
    () => session.member?.id ?? null,
    () => {
      close()
      busy.value = null
    },
    { flush: 'sync' },
  )
  return { asking: computed(() => asking.value), busy, refusal, ask, close, confirm }
})
