/** What sync does with what other hubs tell, commits apart: those come by way of the core. */
import type { TeamId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { HubLine } from '../line/line.ts'
import type { Connection } from './connection.ts'
import type { Team } from './team.ts'

export type Here = {
  teams: ReadonlyMap<TeamId, Team>
  connections: ReadonlySet<Connection>
  end: (teamId: TeamId, clientIds: readonly string[], refusal: Refusal) => void
}

/** @returns the function that stops it */
export function followLine(line: HubLine, { teams, connections, end }: Here): () => void {
  const stops = [
    line.onNews((news, hub) => {
      const team = teams.get(news.teamId)
      switch (news.type) {
        case 'ended':
          return end(news.teamId, news.clientIds, news.refusal)
        case 'joined':
          return team?.connectionOf(news.clientId)?.joinedElsewhere(news.at)
        case 'viewing':
          return team?.looksElsewhere(hub, news)
        case 'asking':
          return team?.tellHubs()
        case 'committed':
        case 'customerTyping':
          return
      }
    }),
    line.onGone((hub) => {
      for (const team of teams.values()) team.hubGone(hub)
    }),
    line.onMissed(() => {
      for (const [teamId, team] of teams) {
        team.missed()
        team.tellHubs()
        line.tell({ type: 'asking', teamId })
      }
      void checkSessions([...connections])
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** One after the other: there may be thousands, and whoever connects anew at the same time waits for the same database. */
async function checkSessions(connections: readonly Connection[]): Promise<void> {
  for (const connection of connections) {
    await connection.checkSession().catch((error: unknown) => connection.broken(error))
  }
}
