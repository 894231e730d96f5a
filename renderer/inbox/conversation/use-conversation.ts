/** One conversation as its open thread needs it, up to date; and what is left to say when the member lost sight of it. */
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { ConversationView } from '../../../backend/workstation/views.ts'
import { api, call } from '../../api/client.ts'
import { onLive, onStale } from '../../api/live.ts'

export type OpenConversation = {
  view: ShallowRef<ConversationView | null>
  refusal: ShallowRef<Refusal | null>
  /** The member may not see it any more. */
  gone: ShallowRef<boolean>
  load(): Promise<void>
}

/** Reads a conversation and follows its changes for as long as the component lives. */
export function useConversation(id: ConversationId): OpenConversation {
  const view = shallowRef<ConversationView | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const gone = shallowRef(false)
  let question = 0

  async function load(): Promise<void> {
    question += 1
    const mine = question
    const answer = await call(api.api.conversations[':id'].$get({ param: { id } }))
    if (mine !== question) return
    if (answer.ok) {
      view.value = answer.value
      refusal.value = null
      gone.value = false
    } else if (answer.refusal.code === 'conversation.notVisible') gone.value = true
    else refusal.value = answer.refusal
  }

  onLive('conversation', (event) => {
    if (event.conversationId === id) void load()
  })
  onLive('gone', (event) => {
    if (event.conversationId === id) gone.value = true
  })
  onLive('presence', (event) => {
    if (event.conversationId !== id || !view.value) return
    view.value = { ...view.value, viewers: event.viewers, customerTyping: event.customerTyping }
  })
  onStale(() => void load())
  void load()

  return { view, refusal, gone, load }
}
