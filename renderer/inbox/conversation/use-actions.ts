/** Does what was asked with a conversation and tells the result; closing can be undone for as long as its toast stays. */
import { ref } from 'vue'
import type { Ref } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Conversation, Contact } from '../../../backend/domain/rows.ts'
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useToast } from '../../ui/toast.ts'
import { useCollaboration } from '../collaboration/use-collaboration.ts'
import { changeState, setPinned, verdictOn } from './actions.ts'
import type { ConversationAction } from './actions.ts'
import { useReasons } from './reason.ts'

/** What an action needs to know of the conversation. */
export type ActedOn = {
  id: ConversationId
  conversation: Conversation
  contact: Pick<Contact, 'name'>
  pinned: boolean
}

export type ConversationActions = {
  /** Which one is under way. */
  busy: Ref<ConversationAction | null>
  /** What the transfer dialog is open for. */
  transferring: Ref<ActedOn | null>
  /** What collaborators are chosen for. */
  adding: Ref<ActedOn | null>
  act(action: ConversationAction, on: ActedOn): Promise<void>
}

/** @param onLeft called when the member has left a collaboration */
export function useConversationActions(onLeft: (id: ConversationId) => void = () => undefined): ConversationActions {
  const busy = ref<ConversationAction | null>(null)
  const transferring = ref<ActedOn | null>(null)
  const adding = ref<ActedOn | null>(null)
  const collaboration = useCollaboration()
  const { t } = useText()
  const { show } = useToast()
  const { reason } = useReasons()
  const reference = useReference()

  async function undoClose(on: ActedOn): Promise<void> {
    const answer = await changeState('reopen', on.id)
    if (answer.ok) show(t('inbox.action.reopened', { name: on.contact.name }))
    else show(reason(answer.refusal), { kind: 'bad' })
  }

  async function act(action: ConversationAction, on: ActedOn): Promise<void> {
    const { me, moment } = reference
    if (busy.value !== null || me === null || moment === null) return
    const verdict = verdictOn(action, on.conversation, on.pinned, me, moment)
    if (!verdict.allowed) return void show(reason(verdict.refusal), { kind: 'bad' })
    if (action === 'transfer') return void (transferring.value = on)
    if (action === 'add') return void (adding.value = on)
    busy.value = action
    if (action === 'join' || action === 'ask' || action === 'takeOver' || action === 'leave') {
      const done = await collaboration[action](on)
      busy.value = null
      if (done && action === 'leave') onLeft(on.id)
      return
    }
    const answer = action === 'pin' ? await setPinned(on.id, !on.pinned) : await changeState(action, on.id)
    busy.value = null
    if (!answer.ok) show(reason(answer.refusal), { kind: 'bad' })
    else if (action === 'close')
      show(t('inbox.action.closed', { name: on.contact.name }), { undo: () => void undoClose(on) })
    else if (action === 'reopen') show(t('inbox.action.reopened', { name: on.contact.name }))
  }

  return { busy, transferring, adding, act }
}
