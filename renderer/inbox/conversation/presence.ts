/** Tells colleagues which conversation this member looks at and whether they type, no more often than needed. */
import { onScopeDispose } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import { api, call } from '../../api/client.ts'

/** Milliseconds between two tellings that typing goes on, and without a key until it has stopped. */
const TYPING_AGAIN = 3_000
const TYPING_ENDS = 4_000

async function tell(conversationId: ConversationId | null, typing: boolean): Promise<void> {
  const answer = await call(api.api.presence.$post({ json: { conversationId, typing } }))
  // Colleagues miss a hint; nothing of the member's own depends on it.
  if (!answer.ok) console.warn('presence was not told', answer.refusal.code)
}

/** For the open thread: opening and leaving are told by themselves, `typed` is called on every key in the reply. */
export function usePresence(id: ConversationId): { typed: () => void } {
  let toldAt = 0
  let ends: ReturnType<typeof setTimeout> | null = null

  function stop(): void {
    ends = null
    toldAt = 0
    void tell(id, false)
  }
  function typed(): void {
    const now = Date.now()
    if (now - toldAt >= TYPING_AGAIN) {
      toldAt = now
      void tell(id, true)
    }
    if (ends !== null) clearTimeout(ends)
    ends = setTimeout(stop, TYPING_ENDS)
  }

  void tell(id, false)
  onScopeDispose(() => {
    if (ends !== null) clearTimeout(ends)
    void tell(null, false)
  })
  return { typed }
}
