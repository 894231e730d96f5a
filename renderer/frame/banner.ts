/** Which banner the connection calls for. Short losses are not shown: a line that comes and goes would make the page jump. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'
import { live } from '../api/live.ts'
import { useSession } from '../session/session.ts'
import type { Connection } from '../../backend/workstation/views.ts'

export type Banner = 'none' | 'backend-gone' | 'refused' | 'offline' | 'syncing'
/** How long something must last before it is shown, in ms. */
const PATIENCE: Record<Banner, number> = { none: 0, refused: 0, offline: 600, syncing: 300, 'backend-gone': 2_000 }

/** What calls for attention now; `connecting` after `offline` is still offline to whoever looks. */
export function bannerFor(connection: Connection, hearing: boolean, before: Banner): Banner {
  if (!hearing) return 'backend-gone'
  switch (connection.state) {
    case 'online':
      return 'none'
    case 'syncing':
      return 'syncing'
    case 'connecting':
      return before === 'offline' || before === 'refused' ? before : 'none'
    case 'offline':
      return connection.reason === null || connection.reason.code.startsWith('hub.') ? offlineOr(connection) : 'refused'
  }
}

function offlineOr(connection: Extract<Connection, { state: 'offline' }>): Banner {
  return connection.reason?.code === 'hub.protocol' ? 'refused' : 'offline'
}

/** The banner to show. */
export function useBanner(): Readonly<Ref<Banner>> {
  const session = useSession()
  const shown = ref<Banner>('none')
  let timer: ReturnType<typeof setTimeout> | undefined
  const wanted = computed(() => bannerFor(session.connection, live.connected.value, shown.value))
  watch(
    wanted,
    (banner) => {
      clearTimeout(timer)
      timer = setTimeout(() => (shown.value = banner), PATIENCE[banner])
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return shown
}
