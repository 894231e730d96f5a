/** One channel's settings, asked of the hub when they are shown and again when the hub is back. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { api, call } from '../../api/client.ts'
import type { Called } from '../../api/client.ts'
import { onLive } from '../../api/live.ts'
import { useRefusalText } from '../../i18n/refusal.ts'
import { useSession } from '../../session/session.ts'
import { ChannelId } from '../../../backend/domain/ids.ts'
import { refuse } from '../../../backend/domain/refusal.ts'
import type { Refusal } from '../../../backend/domain/refusal.ts'
import type { ChannelView } from '../../../backend/workstation/views.ts'

export type OneChannel = {
  /** Null until it is there. */
  view: ShallowRef<ChannelView | null>
  /** Why it is not. */
  refusal: Ref<Refusal | null>
  load: () => Promise<void>
  /** Takes over what the hub answered to a change; gives back why there was none. */
  take: (called: Called<unknown>) => Refusal | null
}

export function useChannel(channelId: () => string): OneChannel {
  const session = useSession()
  const view = shallowRef<ChannelView | null>(null)
  const refusal = ref<Refusal | null>(null)

  async function load(): Promise<void> {
    const id = channelId()
    const called = await call(api.api.channels.$get())
    if (id !== channelId()) return
    if (!called.ok) {
      // What is shown stays: only the first time there is nothing to show.
      if (view.value === null) refusal.value = called.refusal
      return
    }
    // JSON has no brands; the workstation checked the answer.
    const views = called.value.channels as ChannelView[]
    view.value = views.find(({ channel }) => channel.id === id) ?? null
    refusal.value = view.value === null ? refuse('request.notFound', {}) : null
  }
  function take(called: Called<unknown>): Refusal | null {
    if (!called.ok) return called.refusal
    view.value = called.value as ChannelView
    return null
  }

  watch(
    channelId,
    () => {
      view.value = null
      refusal.value = null
      void load()
    },
    { immediate: true },
  )
  watch(
    () => session.online,
    (online) => online && void load(),
  )
  onLive('reference', () => void load())
  return { view, refusal, load, take }
}

/** Why nothing here can be done now, for buttons; null while the hub can be reached. */
export function useOffline(): ComputedRef<string | null> {
  const session = useSession()
  const { sentence } = useRefusalText()
  return computed(() => (session.online ? null : sentence(refuse('request.offline', {}, { instead: 'go-online' }))))
}

/** The id as the domain has it, from the address. */
export function channelIdOf(param: unknown): ChannelId | null {
  const parsed = ChannelId.safeParse(param)
  return parsed.success ? parsed.data : null
}
