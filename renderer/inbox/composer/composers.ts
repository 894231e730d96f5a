/** What is being written in every conversation of this member: drafts and uploads outlive the thread they belong to. */
import { defineStore } from 'pinia'
import { shallowReactive, shallowRef, watch } from 'vue'
import type { ConversationId } from '../../../backend/domain/ids.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import { api, call } from '../../api/client.ts'
import { useSession } from '../../session/session.ts'
import { DraftSaver } from './draft-saver.ts'
import type { Upload } from './uploads.ts'

/** Bodies of requests that outlive their page may have 64 KiB in Chromium. */
const KEEPALIVE_MAX = 60_000

class NotSaved extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

function newSaver(): DraftSaver {
  return new DraftSaver(async (id, draft, leaving) => {
    const keepalive = leaving && JSON.stringify(draft).length * 3 < KEEPALIVE_MAX
    const answer = await call(
      api.api.drafts[':id'].$put({ param: { id }, json: draft }, keepalive ? { init: { keepalive } } : {}),
    )
    if (!answer.ok) throw new NotSaved(answer.refusal)
  })
}

export const useComposers = defineStore('inbox-composers', () => {
  const session = useSession()
  const saver = shallowRef(newSaver())
  const uploads = shallowReactive(new Map<ConversationId, Upload[]>())
  let whose = session.member?.id ?? null

  // Locking keeps what could not be saved yet; another member must not get it.
  watch(
    () => session.member?.id ?? null,
    (id) => {
      if (id === null || id === whose) return
      if (whose !== null) {
        saver.value.stop()
        saver.value = newSaver()
        uploads.clear()
      }
      whose = id
    },
    { flush: 'sync' },
  )
  addEventListener('pagehide', () => void saver.value.flush(undefined, true))

  return { saver, uploads }
})
