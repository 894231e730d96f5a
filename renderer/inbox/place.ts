/** Where in the inbox the window is: the list, the open conversation and the message to jump to, all in the address. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { ConversationId } from '../../backend/domain/ids.ts'
import { LIST_NAMES } from '../../backend/domain/lists.ts'
import type { ListName } from '../../backend/domain/lists.ts'
import { TAKING } from '../../backend/domain/conversations/roles.ts'
import { useReference } from '../session/reference.ts'

export type InboxPlace = {
  list: ComputedRef<ListName>
  conversationId: ComputedRef<ConversationId | null>
  /** The ordinal of the message to jump to; null for none. */
  message: ComputedRef<number | null>
  goToList(list: ListName): void
  open(id: ConversationId, message?: number): void
  /** Closes the thread; the list stays. */
  leave(): void
}

export function useInboxPlace(): InboxPlace {
  const route = useRoute()
  const router = useRouter()
  const reference = useReference()

  const first = computed<ListName>(() => {
    const role = reference.me?.role
    return role === undefined || TAKING.some((taking) => taking === role) ? 'pending_person' : 'open_mine'
  })
  const list = computed(() => LIST_NAMES.find((name) => name === route.params.list) ?? first.value)
  const conversationId = computed(() => {
    const parsed = ConversationId.safeParse(route.params.conversationId)
    return parsed.success ? parsed.data : null
  })
  const message = computed(() => {
    const ordinal = Number(route.query.message)
    return Number.isInteger(ordinal) && ordinal > 0 ? ordinal : null
  })

  function go(to: ListName, id: ConversationId | null, ordinal?: number): void {
    const params = { list: to, ...(id && { conversationId: id }) }
    void router.push({ name: 'inbox', params, query: ordinal === undefined ? {} : { message: String(ordinal) } })
  }

  return {
    list,
    conversationId,
    message,
    goToList: (to) => go(to, conversationId.value),
    open: (id, ordinal) => go(list.value, id, ordinal),
    leave: () => go(list.value, null),
  }
}
