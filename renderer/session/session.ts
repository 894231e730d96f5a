/** Who is at the workstation and how it stands with the hub: the backend's {@link AppState}, kept up to date. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { api, call } from '../api/client.ts'
import { onLive, onStale } from '../api/live.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import type { AppState, Connection } from '../../backend/workstation/views.ts'

type Opened = { ok: true } | { ok: false; refusal: Refusal }

export const useSession = defineStore('session', () => {
  /** Null until the backend has answered for the first time. */
  const state = shallowRef<AppState | null>(null)
  /** Why the backend could not be asked; null when it answered. */
  const unreachable = ref<Refusal | null>(null)
  /** The last member who signed out of this window, so that the sign-in page begins with them. */
  const lastEmail = ref<string | null>(null)

  /**
   * Somebody else wants in while the workstation is locked: the sign-in page is shown. Whoever it is locked for stays until
   * they are in, so that what waits keeps leaving.
   */
  const switching = ref(false)

  const member = computed(() => (state.value?.session.state === 'open' ? state.value.session.member : null))
  const connection = computed<Connection>(
    () => state.value?.connection ?? { state: 'offline', since: null, lastSyncAt: null, reason: null },
  )
  const online = computed(() => connection.value.state === 'online' || connection.value.state === 'syncing')

  async function load(): Promise<void> {
    const called = await call(api.api.state.$get())
    if (called.ok) state.value = called.value
    unreachable.value = called.ok ? null : called.refusal
  }

  /** Opens a member's store: with the hub, or with what this device holds when the hub is out of reach (SHF-1). */
  async function signIn(email: string, password: string): Promise<Opened> {
    const called = await call(api.api['sign-in'].$post({ json: { email, password } }))
    if (called.ok) state.value = called.value
    return called.ok ? { ok: true } : called
  }

  async function unlock(password: string): Promise<Opened> {
    const called = await call(api.api.unlock.$post({ json: { password } }))
    if (called.ok) state.value = called.value
    return called.ok ? { ok: true } : called
  }

  /** Hides everything until the member's password is given again (SHF-2). */
  async function lock(): Promise<Opened> {
    const called = await call(api.api.lock.$post())
    if (called.ok) state.value = called.value
    return called.ok ? { ok: true } : called
  }

  async function signOut(): Promise<Opened> {
    const before = state.value?.session
    const called = await call(api.api['sign-out'].$post())
    if (called.ok) {
      lastEmail.value = before && before.state !== 'signed-out' ? before.member.email : null
      state.value = called.value
    }
    return called.ok ? { ok: true } : called
  }

  watch(
    () => state.value?.session.state,
    () => (switching.value = false),
    { flush: 'sync' },
  )
  onLive('state', (event) => {
    state.value = event.state
    unreachable.value = null
  })
  onStale(() => void load())

  return { state, unreachable, lastEmail, switching, member, connection, online, load, signIn, unlock, lock, signOut }
})
