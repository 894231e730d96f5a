/**
 * One workstation's connection: it says hello, pushes its commands in order, and is kept up to date by patches. What it
 * is sent live and what it missed come by the same code: everything since the version it is at.
 */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { ConversationId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { PROTOCOL, horizonAt } from '../../sync/protocol.ts'
import type { ClientFrame, CommandResult, Version } from '../../sync/protocol.ts'
import type { Authenticator, Identity } from '../core.ts'
import type { HubLine } from '../line/line.ts'
import { catchUp, databaseTime, isOurs, reading, resultsAfter, standingOf } from './catch-up.ts'
import type { SyncCore } from './hub-core.ts'
import type { LivePatch } from './judge.ts'
import { CLOSE, Link } from './link.ts'
import { forgetResults } from './prune.ts'
import { patchFrames } from './row-text.ts'
import type { Patch } from './row-text.ts'
import { inScope } from './scope.ts'
import type { Team } from './team.ts'

/** How long a new connection may take to say hello, in ms. */
const HELLO_WITHIN = 10_000
const TIMER_MAX = 2 ** 31 - 1
const INACTIVE = refuse('signIn.inactive', {})

type Frame<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>
export type ConnectionParts = {
  core: SyncCore
  authenticator: Authenticator
  log: Logger
  clock: () => Time
  line: HubLine | null
  teamOf: (identity: Identity) => Promise<Team>
  closed: (connection: Connection) => void
}
/** `accessToken`: the last one that was found good. */
type Session = { identity: Identity; team: Team; horizon: Time; accessToken: string }
let made = 0

export class Connection {
  readonly link: Link
  /** Names it among those of this process. */
  readonly id = `${++made}`
  readonly #parts: ConnectionParts
  #session: Session | null = null
  #timer: NodeJS.Timeout
  /** Whether patches are sent: not before hello, nor while the device fetches a snapshot (until it says hello again). */
  #live = false
  #version: Version = 0
  /** Patch frames sent since the welcome. */
  #sent = 0
  /** Of the device's queue: the last number taken, and the last whose outcome the device was told. */
  #lastSeq = 0
  #toldSeq = 0
  readonly #results = new Map<number, Refusal>()
  /** Repeats with other content, told once. */
  #conflicts: CommandResult[] = []
  /** A push is to be answered, whether or not there is news. */
  #answer = false
  /** What the log holds may be of commands of this queue that nobody here knows to be taken. */
  #inDoubt = false
  /** When it said hello, by the database's clock, and when the same queue last did so at another hub. */
  #joinedAt: number | null = null
  #elsewhereAt = 0
  #pump: Promise<void> | null = null

  constructor(ws: WebSocket, parts: ConnectionParts) {
    this.#parts = parts
    this.link = new Link(ws, parts.log, { frame: (frame) => this.#take(frame), closed: () => this.#closed() })
    this.#timer = setTimeout(() => this.link.fail(refuse('request.unauthorised', {})), HELLO_WITHIN)
  }

  /** The queue's command `seq` was taken; with its refusal, if it was refused. */
  took(seq: number, refusal: Refusal | null): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq)
    if (refusal && seq > this.#toldSeq) this.#results.set(seq, refusal)
  }

  /** The log was read on to where this many of the queue's commands are taken; null when that is not known. */
  doubt(taken: number | null): void {
    if (taken === null || taken > this.#lastSeq) this.#inDoubt = true
  }

  /** Sends what is new, if anything. */
  wake(): void {
    if (this.#pump || !this.#live) return
    this.#pump = this.#send()
      .catch((error: unknown) => this.broken(error))
      .finally(() => {
        this.#pump = null
        // What came in between the last look and now.
        if (this.#hasNews()) this.wake()
      })
  }

  /** Ends the connection for a failure of ours; the device connects anew. */
  broken(error: unknown): void {
    this.#parts.log.error({ err: error }, 'sync: a device could not be kept up to date')
    this.link.fail(refuse('internal.error', {}))
  }

  /** Ends the connection of a member who is no longer active. */
  checkMember(): void {
    if (this.#session && !this.#member(this.#session)) this.link.fail(INACTIVE)
  }

  tellPresence(conversationId: ConversationId): void {
    const session = this.#session
    const conversation = session?.team.log.conversation(conversationId)
    if (!session || !conversation || !this.#live || !this.#sees(session, conversationId)) return
    const seen = session.team.presence.seenBy(session.identity.memberId, conversationId)
    this.link.sendIfIdle(JSON.stringify({ type: 'presence', conversationId, ...seen }))
  }

  /** The same queue has connected anew. */
  replaced(): void {
    this.#live = false
    this.link.close(CLOSE.replaced, 'replaced')
  }

  /** The same queue has connected at another hub; which of the two is the newer one is settled by the database's clock. */
  joinedElsewhere(at: number): void {
    this.#elsewhereAt = Math.max(this.#elsewhereAt, at)
    if (this.#joinedAt !== null && this.#elsewhereAt > this.#joinedAt) this.replaced()
  }

  /** Tells the other hubs that this is the connection of its queue. */
  tellJoined(): void {
    const { line } = this.#parts
    if (!line || !this.#session || this.#joinedAt === null || !this.link.open) return
    const { teamId, clientId } = this.#session.identity
    line.tell({ type: 'joined', teamId, clientId, at: this.#joinedAt })
  }

  /** Ends the connection if its session has been ended since. */
  async checkSession(): Promise<void> {
    if (!this.#session || !this.link.open) return
    const answer = await this.#parts.authenticator.authenticate(this.#session.accessToken)
    // A token that has run out is seen to by its own timer.
    if (!answer.ok && answer.refusal.code !== 'session.expired') this.link.fail(answer.refusal)
  }

  async #take(frame: ClientFrame): Promise<void> {
    if (frame.type === 'hello') return this.#hello(frame)
    const session = this.#session
    if (!session) return this.link.fail(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
    switch (frame.type) {
      case 'renew':
        return this.#renew(frame, session)
      case 'push':
        return this.#push(frame, session)
      case 'presence':
        return this.#presence(frame, session)
    }
  }

  async #hello(frame: Frame<'hello'>): Promise<void> {
    const { authenticator, core, clock, line, teamOf } = this.#parts
    if (this.#live) return this.link.fail(refuse('request.invalid', { field: 'type' }))
    if (frame.protocol !== PROTOCOL) {
      return this.link.fail(refuse('hub.protocol', { theirs: frame.protocol, ours: PROTOCOL }))
    }
    const answer = await authenticator.authenticate(frame.accessToken)
    if (!answer.ok) return this.link.fail(answer.refusal)
    const { identity } = answer
    const before = this.#session?.identity
    if (identity.clientId !== frame.clientId || (before && !isSame(before, identity))) {
      return this.link.fail(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
    }
    await this.#pump
    const team = await teamOf(identity)
    if (!this.link.open) return
    this.#results.clear()
    this.#toldSeq = frame.resultsAfter
    // Before reading where the queue stands, so that what is taken meanwhile is not missed.
    team.join(identity.clientId, this)
    const now = clock()
    const session = { identity, team, horizon: horizonAt(now), accessToken: frame.accessToken }
    this.#session = session
    const { at, standing, known, results } = await reading(core.db, async (trx) => ({
      at: line ? await databaseTime(trx) : 0,
      standing: await standingOf(trx, identity),
      known: frame.version !== null && (await isOurs(trx, identity.teamId, frame.version, frame.epoch)),
      results: await resultsAfter(trx, identity, frame.resultsAfter),
    }))
    if (!standing.member) return this.link.fail(INACTIVE)
    this.#joinedAt ??= at
    if (this.#elsewhereAt > this.#joinedAt) return this.replaced()
    this.tellJoined()
    // A device may know more than this hub does, when that was restored from a backup.
    this.#toldSeq = Math.min(this.#toldSeq, standing.lastClientSeq)
    this.took(standing.lastClientSeq, null)
    await team.hearOf(standing.version)
    if (team.log.readUpTo > standing.version) this.#inDoubt = true
    if (!this.link.open) return
    for (const { seq, refusal } of results) this.took(seq, refusal)
    const snapshot = frame.version === null || !known || !standing.patchable(frame.version)
    const { version, lastClientSeq, lastFingerprint } = standing
    const queue = { lastClientSeq, lastFingerprint }
    const welcome = { protocol: PROTOCOL, hubTime: now, horizon: session.horizon, version, ...queue, snapshot }
    this.#expireAt(identity.expiresAt)
    if (!(await this.link.send(JSON.stringify({ type: 'welcome', ...welcome })))) return
    if (!snapshot && frame.version !== null) {
      this.#version = frame.version
      this.#sent = 0
      this.#live = true
      team.tellAllPresence(this)
      this.wake()
    }
    await forgetResults(core.db, identity, frame.resultsAfter)
  }

  async #renew(frame: Frame<'renew'>, session: Session): Promise<void> {
    const answer = await this.#parts.authenticator.authenticate(frame.accessToken)
    if (!answer.ok) return this.link.fail(answer.refusal)
    if (!isSame(session.identity, answer.identity)) {
      return this.link.fail(refuse('request.unauthorised', {}, { instead: 'sign-in' }))
    }
    session.accessToken = frame.accessToken
    this.#expireAt(answer.identity.expiresAt)
  }

  /** One after the other; a new connection of the same queue stops the rest, which it will be given again. */
  async #push({ commands }: Frame<'push'>, { identity, team }: Session): Promise<void> {
    for (const command of commands) {
      if (!this.link.open) return
      const taken = await this.#parts.core.runPushed(identity, command)
      switch (taken.type) {
        case 'taken':
          team.connectionOf(identity.clientId)?.took(command.seq, taken.refusal)
          break
        case 'conflict':
          this.#conflicts.push({ seq: command.seq, refusal: taken.refusal })
          break
        case 'gap':
        case 'inactive':
          return this.link.fail(taken.refusal)
      }
    }
    this.#answer = true
    team.connectionOf(identity.clientId)?.wake()
  }

  async #presence({ conversationId, typing }: Frame<'presence'>, session: Session): Promise<void> {
    const { identity, team } = session
    const known = conversationId !== null && (await team.know(conversationId))
    if (!known || !this.link.open || !this.#sees({ ...session, horizon: 0 }, conversationId)) {
      return team.look(this, null)
    }
    team.look(this, { conversationId, memberId: identity.memberId, typing })
  }

  #hasNews(): boolean {
    if (!this.#live || !this.#session || !this.link.open) return false
    const { head } = this.#session.team.log
    return this.#version < head || this.#toldSeq < this.#lastSeq || this.#conflicts.length > 0 || this.#answer
  }

  async #send(): Promise<void> {
    while (this.#hasNews()) {
      const patch = await this.#patch()
      if (!patch) return
      for (const frame of patchFrames(patch, this.#sent + 1)) {
        this.#sent += 1
        if (!(await this.link.send(frame))) return
      }
    }
  }

  /** What is to be told now; null when the connection goes on without patches. */
  async #patch(): Promise<Patch | null> {
    const session = this.#session
    if (!session) return null
    const { identity, team, horizon } = session
    await team.settled()
    if (!this.#live) return null
    const member = this.#member(session)
    if (!member) {
      this.link.fail(INACTIVE)
      return null
    }
    const conflicts = this.#conflicts.splice(0)
    this.#answer = false
    const live: LivePatch = this.#inDoubt ? { type: 'unknown' } : team.log.since(this.#version, { member, horizon })
    this.#inDoubt = false
    if (live.type === 'patch') {
      const results = [...this.#results].map(([seq, refusal]) => ({ seq, refusal })).sort((a, b) => a.seq - b.seq)
      return this.#told({ ...live.patch, lastClientSeq: this.#lastSeq, results: [...conflicts, ...results] })
    }
    const read =
      live.type === 'resync'
        ? live
        : await catchUp(this.#parts.core.db, identity, this.#version, horizon, this.#toldSeq)
    if (read.type === 'patch') {
      return this.#told({ ...read.patch, results: [...conflicts, ...read.patch.results] })
    }
    if (read.type === 'inactive') this.link.fail(INACTIVE)
    else {
      this.#live = false
      team.look(this, null)
      await this.link.send(JSON.stringify({ type: 'resync' }))
    }
    return null
  }

  #told(patch: Patch): Patch {
    this.#version = patch.version
    this.#toldSeq = Math.max(this.#toldSeq, patch.lastClientSeq)
    this.#lastSeq = Math.max(this.#lastSeq, patch.lastClientSeq)
    for (const seq of this.#results.keys()) if (seq <= this.#toldSeq) this.#results.delete(seq)
    return patch
  }

  #member({ identity, team }: Session) {
    const member = team.log.member(identity.memberId)
    return member?.active ? member : undefined
  }

  #sees(session: Session, id: ConversationId): boolean {
    const member = this.#member(session)
    const { log } = session.team
    const conversation = log.conversation(id)
    return !!member && !!conversation && inScope(conversation, { member, horizon: session.horizon }, log.storesOf)
  }

  /** The token ends then, unless it is renewed. */
  #expireAt(time: Time): void {
    clearTimeout(this.#timer)
    const end = () => this.link.fail(refuse('session.expired', {}, { instead: 'sign-in' }))
    this.#timer = setTimeout(end, Math.min(TIMER_MAX, Math.max(0, time - this.#parts.clock())))
  }

  #closed(): void {
    clearTimeout(this.#timer)
    this.#live = false
    if (this.#session) this.#session.team.leave(this.#session.identity.clientId, this)
    this.#parts.closed(this)
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return a.clientId === b.clientId && a.memberId === b.memberId && a.teamId === b.teamId
}
