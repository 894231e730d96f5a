/** Leads to a conversation from anywhere: finds the list it is in now, for that is part of its address. */
import { useRouter } from 'vue-router'
import { api, call } from '../api/client.ts'
import { useRefusalText } from '../i18n/refusal.ts'
import { useReference } from '../session/reference.ts'
import { useToast } from '../ui/toast.ts'
import { listOf } from '../../backend/domain/lists.ts'
import type { ConversationId } from '../../backend/domain/ids.ts'

/** Returns the function that opens a conversation, at a message (its ordinal) if one is given. */
export function useOpenConversation(): (id: ConversationId, ordinal?: number) => Promise<void> {
  const router = useRouter()
  const reference = useReference()
  const toast = useToast()
  const { sentence } = useRefusalText()

  return async (id, ordinal) => {
    const called = await call(api.api.conversations[':id'].$get({ param: { id } }))
    if (!called.ok) {
      toast.show(sentence(called.refusal), { kind: 'bad' })
      return
    }
    const { me } = reference
    if (me === null) return
    const params = { list: listOf(called.value.conversation, me.id), conversationId: id }
    await router.push({ name: 'inbox', params, query: ordinal === undefined ? {} : { message: String(ordinal) } })
  }
}
