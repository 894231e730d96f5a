/** The hub's end of sync: live connections at `/sync`, and what is fetched in bulk over HTTP. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { FRAME_MAX, PING_EVERY } from '../../sync/protocol.ts'
import type { AddressOf } from '../client-address.ts'
import type { Authenticator } from '../core.ts'
import type { HubLine } from '../line/line.ts'
import { Places } from '../places.ts'
import { refuseUpgrade } from '../sockets.ts'
import { Connection } from './connection.ts'
import type { SyncCore } from './hub-core.ts'
import { CLOSE } from './link.ts'
import { followLine } from './other-hubs.ts'
import { bulkRoutes } from './routes.ts'
import { Team } from './team.ts'

/**
 * How many connections one address may have of which nobody knows whose they are: before their hello, for which each has
 * ten seconds. A whole office behind one address that comes back at once has said hello long before.
 */
export const UNKNOWN_MAX = 256

export type SyncParts = {
  core: SyncCore
  authenticator: Authenticator
  log: Logger
  clock: () => Time
  /** The address of whoever is at the other end; a hub behind a proxy has to look at what the proxy says. */
  addressOf?: AddressOf
  /** To the other hubs over the same database, if there may be any. */
  line?: HubLine | null
}

/**
 * Starts sync over a core.
 * @returns `routes` to mount at `/`; `sockets`, the upgrades of `/sync`; `metrics`; `close`, which tells every
 *   workstation to come back later (close code 1012) and resolves when all connections are gone
 */
export function createSync({ core, authenticator, log, clock, line = null, ...parts }: SyncParts) {
  const addressOf = parts.addressOf ?? (({ socket }) => socket.remoteAddress ?? '')
  const unknown = new Places(UNKNOWN_MAX)
  // A little over the limit, so that a frame that is too large is answered with a code before the connection ends.
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 4 * FRAME_MAX })
  const connections = new Set<Connection>()
  const teams = new Map<TeamId, Team>()
  const opening = new Map<TeamId, Promise<Team>>()

  function teamOf(id: TeamId): Promise<Team> {
    const open = teams.get(id)
    if (open) return Promise.resolve(open)
    const already = opening.get(id)
    if (already) return already
    const opened = (team: Team) => void teams.set(id, team)
    const promise = Team.open({ core, log, line }, id, opened).finally(() => opening.delete(id))
    opening.set(id, promise)
    // Whoever looks somewhere in it at another hub has said so before this one listened.
    line?.tell({ type: 'asking', teamId: id })
    return promise
  }

  /** Ends the connections of these queues with the refusal; nothing happens for those that are not here. */
  function end(teamId: TeamId, clientIds: readonly string[], refusal: Refusal): void {
    for (const clientId of clientIds) teams.get(teamId)?.connectionOf(clientId)?.link.fail(refusal)
  }

  const stops = [
    core.onCommit((commit) => teams.get(commit.teamId)?.committed(commit)),
    // A team that is just being opened is opened for a hello, which looks where the team is by then.
    core.onUntold((teamId, version) => teams.get(teamId)?.hear(version)),
    core.onCustomerTyping((teamId, conversationId, typing) => {
      teams.get(teamId)?.presence.customer(conversationId, typing)
    }),
  ]
  if (line) stops.push(followLine(line, { teams, connections, end }))

  /** A socket is open: its other end has to say hello. `isKnown` is called as soon as it is known whose it is. */
  function connected(ws: WebSocket, isKnown: () => void = () => undefined): void {
    const closed = (connection: Connection) => connections.delete(connection)
    const team = (identity: { teamId: TeamId }) => {
      isKnown()
      return teamOf(identity.teamId)
    }
    connections.add(new Connection(ws, { core, authenticator, log, clock, line, teamOf: team, closed }))
  }

  const heart = setInterval(() => {
    for (const { link } of connections) link.beat(2 * PING_EVERY)
  }, PING_EVERY)
  heart.unref()

  return {
    routes: bulkRoutes(core, authenticator, clock, log),
    sockets: {
      matches: (path: string) => path === '/sync',
      /** Takes over an upgrade of the HTTP server. */
      accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
        const isKnown = unknown.take(addressOf(request))
        if (!isKnown) return refuseUpgrade(socket, refuse('request.tooMany', { seconds: 10 }, { instead: 'wait' }), log)
        // Also of an upgrade that comes to nothing.
        socket.once('close', isKnown)
        server.handleUpgrade(request, socket, head, (ws) => connected(ws, isKnown))
      },
      connected,
    },
    metrics: { connections: () => connections.size },
    end,
    async close(): Promise<void> {
      clearInterval(heart)
      for (const stop of stops) stop()
      const gone = [...connections].map(({ link }) => link.closed)
      for (const { link } of connections) link.close(CLOSE.restart, 'the hub stops')
      const patience = setTimeout(() => {
        for (const { link } of connections) link.terminate()
      }, 1_000)
      await Promise.all(gone)
      clearTimeout(patience)
      for (const team of teams.values()) team.close()
      server.close()
    },
  }
}

export type Sync = ReturnType<typeof createSync>
