/** Which visitors' pages have to look again because another hub committed something. */
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { TeamId } from '../../../domain/ids.ts'
import type { Version } from '../../../sync/protocol.ts'
import type { HubCore } from '../../core.ts'

/** What the open pages of one visitor are filed under. */
export function keyOf(teamId: string, conversationId: string): string {
  return `${teamId} ${conversationId}`
}

/** Up to which version a team's pages have looked (null: not yet), and up to which one was heard of. */
type State = { looked: Version | null; heard: Version; isLooking: boolean }

/** @param pages `open`: what visitors with open pages are filed under; `changed` is called with those that may have news */
export function createElsewhere(
  { db }: Pick<HubCore, 'db'>,
  log: Logger,
  pages: { open: () => Iterable<string>; changed: (key: string) => void },
) {
  const teams = new Map<TeamId, State>()
  const openOf = (teamId: TeamId) => [...pages.open()].filter((key) => key.startsWith(keyOf(teamId, '')))

  /** One look for all that is heard of meanwhile. A page that opens later reads everything by itself. */
  async function look(teamId: TeamId, state: State): Promise<void> {
    while (state.looked === null || state.looked < state.heard) {
      const { looked, heard } = state
      state.looked = heard
      const open = openOf(teamId)
      if (open.length === 0) return
      for (const key of looked === null ? open : await changedSince(teamId, looked, open)) pages.changed(key)
    }
  }

  /** What changes a message for its customer changes the conversation too. */
  async function changedSince(teamId: TeamId, version: Version, open: readonly string[]): Promise<string[]> {
    const ids = open.map((key) => key.slice(keyOf(teamId, '').length))
    const { rows } = await sql<{ id: string }>`
      select id from conversation
      where team_id = ${teamId} and version > ${version} and id = any(${ids}::text[])`.execute(db)
    return rows.map(({ id }) => keyOf(teamId, id))
  }

  return {
    /** The team is at `version` by no commit of this hub. */
    heard(teamId: TeamId, version: Version): void {
      const state = teams.get(teamId) ?? { looked: null, heard: version, isLooking: false }
      teams.set(teamId, state)
      state.heard = Math.max(state.heard, version)
      if (state.isLooking) return
      state.isLooking = true
      look(teamId, state)
        .catch((error: unknown) => {
          log.error({ err: error }, 'web chat: what another hub committed could not be read')
          for (const key of openOf(teamId)) pages.changed(key)
        })
        .finally(() => (state.isLooking = false))
    },
    /** Anything may have happened: every page looks. */
    missed(): void {
      for (const key of pages.open()) pages.changed(key)
    },
  }
}
