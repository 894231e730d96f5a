/** Where a member's store is, and what becomes of one that cannot be read: it is set aside and rebuilt from the hub. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openMemberStore } from '../store/open.ts'
import { rebuildMemberStore } from '../store/salvage.ts'
import type { OpenStore } from './open-session.ts'

/** See {@link OpenStore}. @throws when a later version of the program wrote the store, or the disk fails */
export const openStore: OpenStore = (vault, session, log) => {
  const { clientId, member } = vault.kept
  const create = { clientId, memberId: member.id, lastClientSeq: session?.lastClientSeq ?? 0 }
  const file = { path: join(vault.folder, 'store.db'), key: vault.dataKey, log }
  // What the hub says of the queue holds for a store that exists; what was kept from earlier only makes a new one.
  const known = session || !existsSync(file.path) ? { create } : {}
  const opened = openMemberStore({ ...file, ...known })
  if (opened.ok) return { store: opened.store, notice: null }
  if (opened.reason === 'newer') throw new Error('a later version of the program wrote this store')
  const { store, kept, lost } = rebuildMemberStore({ ...file, create })
  const notice = { code: lost ? ('store.queueLost' as const) : ('store.rebuilt' as const), kept }
  if (store.position().clientId === clientId) return { store, notice }
  store.close()
  const adopted = openMemberStore({ ...file, create })
  if (!adopted.ok) throw new Error(`a store that was just rebuilt cannot be opened: ${adopted.reason}`)
  return { store: adopted.store, notice }
}
