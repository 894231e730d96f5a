/** Changes who is in a conversation and tells the result where it was started: in the words of the system line (COL-11). */
import { ref } from 'vue'
import type { Ref } from 'vue'
import { withoutMember } from '../../../backend/domain/collaboration/membership.ts'
import type { MemberId } from '../../../backend/domain/ids.ts'
import type { Event } from '../../../backend/domain/rows.ts'
import type { CommandAnswer } from '../../../backend/workstation/views.ts'
import { useText } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useToast } from '../../ui/toast.ts'
import { transferTo } from '../conversation/actions.ts'
import { useReasons } from '../conversation/reason.ts'
import { useEventWords } from '../thread/event-words.ts'
import { addMembers, ask, changeOwnPart, decline, removeMember } from './commands.ts'
import type { ActedOn } from '../conversation/use-actions.ts'

/** Each resolves to whether it was accepted on this device; what was refused has been told then. */
export type Collaborating = {
  /** One of them is under way: the others do nothing meanwhile. */
  busy: Ref<boolean>
  add(on: ActedOn, memberIds: MemberId[]): Promise<boolean>
  remove(on: ActedOn, memberId: MemberId): Promise<boolean>
  decline(on: ActedOn, memberId: MemberId): Promise<boolean>
  handTo(on: ActedOn, memberId: MemberId): Promise<boolean>
  join(on: ActedOn): Promise<boolean>
  ask(on: ActedOn): Promise<boolean>
  leave(on: ActedOn): Promise<boolean>
  takeOver(on: ActedOn): Promise<boolean>
}

export function useCollaboration(): Collaborating {
  const busy = ref(false)
  const reference = useReference()
  const { t } = useText()
  const { show } = useToast()
  const { reason, nameOf } = useReasons()
  const words = useEventWords()

  /** @param done what to tell, and how it is undone, if it can be */
  async function run(
    command: () => Promise<CommandAnswer>,
    done: () => { text: string; undo?: () => void } | null,
  ): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    const answer = await command()
    busy.value = false
    if (!answer.ok) {
      show(reason(answer.refusal), { kind: 'bad' })
      return false
    }
    const told = done()
    if (told) show(told.text, told.undo ? { undo: told.undo } : {})
    return true
  }
  /** The system line that this member's deed leaves. */
  function line(on: ActedOn, event: (by: MemberId) => Event): string {
    const { me } = reference
    return me ? words(event(me.id), on.contact) : ''
  }
  async function undo(commands: (() => Promise<CommandAnswer>)[]): Promise<void> {
    for (const command of commands) {
      const answer = await command()
      if (!answer.ok) return void show(reason(answer.refusal), { kind: 'bad' })
    }
    show(t('common.undone'))
  }

  return {
    busy,
    add: (on, memberIds) =>
      run(
        () => addMembers(on.id, memberIds),
        () => ({
          text: line(on, (by) => ({ type: 'added', by, members: memberIds })),
          undo: () => void undo(memberIds.map((id) => () => removeMember(on.id, id))),
        }),
      ),
    remove: (on, memberId) =>
      run(
        () => removeMember(on.id, memberId),
        () => ({
          text: line(on, (by) => ({ type: 'removed', by, member: memberId })),
          undo: () => void undo([() => addMembers(on.id, [memberId])]),
        }),
      ),
    decline: (on, memberId) =>
      run(
        () => decline(on.id, memberId),
        () => ({ text: t('collaboration.asking.declined', { name: nameOf(memberId) }) }),
      ),
    handTo: (on, memberId) =>
      run(
        () => transferTo(on.id, memberId),
        () => ({ text: t('inbox.action.transferred', { name: nameOf(memberId) }) }),
      ),
    join: (on) =>
      run(
        () => changeOwnPart('join', on.id),
        () => ({
          text: line(on, (by) => ({ type: 'joined', by })),
          undo: () => void undo([() => changeOwnPart('leave', on.id)]),
        }),
      ),
    ask: (on) =>
      run(
        () => ask(on.id),
        () => ({ text: t('collaboration.place.asked') }),
      ),
    leave: (on) => {
      const { me } = reference
      const { conversation } = on
      const next = me && conversation.followerId === me.id ? withoutMember(conversation, me.id).followerId : null
      return run(
        () => changeOwnPart('leave', on.id),
        () => {
          const text = line(on, (by) => ({ type: 'left', by }))
          return { text: next ? t('collaboration.followsNow', { line: text, name: nameOf(next) }) : text }
        },
      )
    },
    takeOver: (on) => {
      const { followerId } = on.conversation
      return run(
        () => changeOwnPart('takeOver', on.id),
        () => ({
          text: line(on, (by) => ({ type: 'tookOver', by })),
          ...(followerId && { undo: () => void undo([() => transferTo(on.id, followerId)]) }),
        }),
      )
    },
  }
}
