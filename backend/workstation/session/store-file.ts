/** Where a member's store is, and what becomes of one that cannot be read: it is set aside and rebuilt from the hub. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { MemberStore } from '../store/member-store.ts'
import { MendingStore } from '../store/mending-store.ts'
import { openMemberStore } from '../store/open.ts'
import type { OpenOptions } from '../store/open.ts'
import { finishRebuild, rebuildMemberStore } from '../store/salvage.ts'
import type { OpenStore, OpenedStore } from './open-session.ts'

type Place = Required<OpenOptions>

/** See {@link OpenStore}. A store that a later version of the program wrote is one that cannot be read. @throws when the disk fails */
export const openStore: OpenStore = (vault, session, log, onMended) => {
  const { clientId, member } = vault.kept
  const create = { clientId, memberId: member.id, lastClientSeq: session?.lastClientSeq ?? 0 }
  const place: Place = { path: join(vault.folder, 'store.db'), key: vault.dataKey, log, create }
  const first = open(place, session !== null)
  let { notice } = first
  const store = new MendingStore(
    first.store,
    () => {
      const rebuilt = rebuild(place)
      notice = rebuilt.notice
      return rebuilt.store
    },
    () => onMended(notice),
  )
  return { store, notice }
}

function open(place: Place, isFromHub: boolean): OpenedStore {
  const { create, ...file } = place
  const wasCutShort = finishRebuild(place)
  // What the hub says of the queue holds for a store that exists; what was kept from earlier only makes a new one.
  const known = isFromHub || !existsSync(place.path) ? { create } : {}
  const opened = openMemberStore({ ...file, ...known })
  if (!opened.ok) return rebuild(place)
  return { store: opened.store, notice: wasCutShort ? noticeOf(opened.store) : null }
}

function rebuild(place: Place): OpenedStore {
  const { store, kept, lost } = rebuildMemberStore(place)
  const notice = { code: lost ? ('store.queueLost' as const) : ('store.rebuilt' as const), kept }
  if (store.position().clientId === place.create.clientId) return { store, notice }
  store.close()
  const adopted = openMemberStore(place)
  if (!adopted.ok) throw new Error(`a store that was just rebuilt cannot be opened: ${adopted.reason}`)
  return { store: adopted.store, notice }
}

/** For a rebuilding that the end of the process cut short: what it saved is in the store, what it lost is not known. */
function noticeOf(store: MemberStore): OpenedStore['notice'] {
  const { waiting, refused } = store.queue()
  return { code: 'store.rebuilt', kept: waiting.length + refused.length }
}
