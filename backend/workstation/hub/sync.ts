/**
 * Keeps one member's store and the hub in step for as long as the store is open: connects, fetches a snapshot when one
 * is needed, stays on the live connection, and comes back after every failure without hammering (SYN-3, SYN-7).
 */
import type { Logger } from 'pino'
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Happened } from '../notices/happened.ts'
import type { Access, Tokens } from '../session/tokens.ts'
import { endsSession, isUnauthorised } from '../session/tokens.ts'
import type { MemberStore } from '../store/member-store.ts'
import type { Connection } from '../views.ts'
import type { HubClient } from './client.ts'
import { JOINING, joined } from './joined.ts'
import { Link } from './link.ts'
import type { LinkEnd, LinkParts, PresenceFrame } from './link.ts'
import { fetchingReplyFiles } from './reply-files.ts'
import { PresenceSender } from './presence.ts'
import type { OwnPresence } from './presence.ts'
import { SYNC_TIMING, backOff } from './timing.ts'
import type { SyncTiming } from './timing.ts'
import type { UntilDone } from './until-done.ts'
import { uploading } from './uploads.ts'

export type SyncParts = {
  store: MemberStore
  hub: HubClient
  tokens: Tokens
  log: Logger
  now: () => number
  /** 0 to 1. */
  random: () => number
  /** When the device was last in step, as kept from earlier runs. */
  lastSyncAt: number | null
  onConnection: (connection: Connection) => void
  onPresence: (frame: PresenceFrame) => void
  /** Others changed who is in these conversations, since the device was in step before. */
  onHappened: (happened: Happened[]) => void
  timing?: SyncTiming
  /** Opens a socket; a real one by default. */
  connect?: LinkParts['connect'] | undefined
}

export class Sync {
  readonly #parts: SyncParts
  readonly #timing: SyncTiming
  readonly #stop = new AbortController()
  readonly #stopped: Promise<null>
  readonly #uploads: UntilDone
  readonly #replyFiles: UntilDone
  readonly #presence: PresenceSender
  #connection: Connection
  #lastSyncAt: number | null
  #link: Link | null = null
  #running: Promise<void> | null = null
  #failures = 0
  #needsSnapshot = false
  /** Everything on the device is from a snapshot, and what changed while it came is not in yet: none of it is news. */
  #isFresh = false
  #snapshotAt = Number.NEGATIVE_INFINITY
  #waiting: { since: number; wake: () => void } | null = null
  #unsubscribe: () => void = () => undefined

  constructor(parts: SyncParts) {
    this.#parts = parts
    this.#timing = parts.timing ?? SYNC_TIMING
    this.#lastSyncAt = parts.lastSyncAt
    this.#stopped = new Promise((resolve) => {
      this.#stop.signal.addEventListener('abort', () => resolve(null), { once: true })
    })
    this.#connection = { state: 'offline', since: null, lastSyncAt: parts.lastSyncAt, reason: null }
    this.#replyFiles = fetchingReplyFiles({ ...parts, again: this.#timing.uploadAgain })
    this.#uploads = uploading({
      ...parts,
      onProgress: () => this.#link?.push(),
      again: this.#timing.uploadAgain,
    })
    this.#presence = new PresenceSender(this.#timing.presenceEvery, (frame) => this.#link?.presence(frame))
  }

  get connection(): Connection {
    return this.#connection
  }
  get lastSyncAt(): number | null {
    return this.#lastSyncAt
  }
  /** Whether the hub can be asked for something now. */
  get isReachable(): boolean {
    return this.#connection.state === 'online' || this.#connection.state === 'syncing'
  }

  start(): void {
    if (this.#running) return
    this.#unsubscribe = this.#parts.store.onStale(({ queue, replies }) => {
      if (!this.#link?.isLive) return
      if (replies) this.#replyFiles.run()
      if (!queue) return
      this.#uploads.run()
      this.#link.push()
    })
    this.#running = this.#run().catch((error: unknown) => {
      this.#parts.log.fatal({ err: error }, 'the connection to the hub stopped for good')
      this.#offline(refuse('internal.error', {}))
    })
  }

  /** Ends the connection; resolves when nothing touches the store any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#unsubscribe()
    this.#uploads.stop()
    this.#replyFiles.stop()
    this.#presence.stop()
    this.#link?.close()
    this.#waiting?.wake()
    await this.#running
  }

  /** Tries at once instead of waiting on: the network came back, the computer woke, somebody signed in. */
  wake(): void {
    this.#failures = 0
    this.#waiting?.wake()
  }

  /** The store is another: the connection begins anew, once whoever noticed is done. */
  restart(): void {
    setImmediate(() => {
      this.#link?.close()
      this.wake()
    })
  }

  /** The member did something: no need to let them wait long for the next try. */
  acted(): void {
    const { waiting, now } = { waiting: this.#waiting, now: this.#parts.now() }
    if (waiting && now - waiting.since > this.#timing.patience) waiting.wake()
  }

  presence(update: OwnPresence): void {
    this.#presence.set(update)
  }

  async #run(): Promise<void> {
    const { log } = this.#parts
    while (!this.#stop.signal.aborted) {
      const reason = await this.#attempt().catch((error: unknown) => {
        log.error({ err: error }, 'an attempt to follow the hub failed')
        return refuse('internal.error', {})
      })
      if (this.#stop.signal.aborted) return
      if (reason === null) continue
      if (endsSession(reason)) this.#parts.tokens.end(reason)
      this.#offline(this.#parts.tokens.ended ?? reason)
      this.#failures += 1
      await this.#wait(this.#waitAfter(reason))
    }
  }

  /** How long to wait after a failure; null for until somebody signs in again. */
  #waitAfter(reason: Refusal): number | null {
    if (this.#parts.tokens.ended) return null
    const usual = backOff(this.#timing, this.#failures, this.#parts.random())
    if (reason.code === 'hub.protocol') return this.#timing.protocolWait
    // Two that each take it back at once would do so for ever.
    if (reason.code === 'session.replaced') return this.#timing.replacedWait
    const { seconds } = reason.params
    if (reason.code === 'request.tooMany' && typeof seconds === 'number') return Math.max(usual, seconds * 1000)
    return usual
  }

  /** One connection from beginning to end. Null when the next may follow at once. */
  async #attempt(): Promise<Refusal | null> {
    const { tokens } = this.#parts
    if (this.#failures === 0) this.#set({ state: 'connecting', lastSyncAt: this.#lastSyncAt })
    const access = await Promise.race([tokens.access(), this.#stopped])
    if (access === null) return null
    if (!access.ok) return access.refusal
    const failure = await this.#follow(access.value)
    // The token was good by our clock, but the hub knows better: the next attempt brings a new one.
    if (failure && isUnauthorised(failure)) tokens.distrust(access.value.token)
    return failure
  }

  async #follow(access: Access): Promise<Refusal | null> {
    const position = this.#parts.store.position()
    if (this.#needsSnapshot || position.snapshot || position.version === null) {
      const failure = await this.#snapshot(access.token)
      if (!failure) {
        this.#needsSnapshot = false
        this.#isFresh = true
      }
      return failure
    }
    const end = await this.#live(access)
    if (end.type === 'lost') return end.reason
    // A hub that asks for snapshot after snapshot is slowed like one that fails.
    const again = this.#parts.now() - this.#snapshotAt < this.#timing.backOffTo
    this.#needsSnapshot = true
    this.#snapshotAt = this.#parts.now()
    if (again) await this.#wait(backOff(this.#timing, (this.#failures += 1), this.#parts.random()))
    return null
  }

  async #live(access: Access): Promise<LinkEnd> {
    let since = Number.POSITIVE_INFINITY
    const link = new Link({
      ...this.#parts,
      url: this.#parts.hub.socketUrl,
      access,
      timing: this.#timing,
      onWelcome: () => {
        since = this.#parts.now()
        this.#presence.resend()
        this.#uploads.run()
        this.#replyFiles.run()
      },
      onHappened: (happened) => {
        if (!this.#isFresh) this.#parts.onHappened(happened)
      },
      onSynced: () => {
        this.#isFresh = false
        this.#lastSyncAt = this.#parts.now()
        this.#set({ state: 'online', lastSyncAt: this.#lastSyncAt })
      },
    })
    this.#link = link
    const end = await link.ended
    this.#link = null
    if (this.#parts.now() - since > this.#timing.steadyAfter) this.#failures = 0
    return end
  }

  /** Fetches the snapshot, or what is left of one that was interrupted. Null when it is in whole. */
  async #snapshot(token: string): Promise<Refusal | null> {
    const { hub, store, now, log } = this.#parts
    const begun = store.position().snapshot
    const query = begun?.after ? { version: begun.version, epoch: begun.epoch, after: begun.after } : {}
    let shownAt = Number.NEGATIVE_INFINITY
    for await (const line of joined(hub.snapshot(token, query, this.#stop.signal), JOINING)) {
      if (!line.ok) return line.refusal
      if (this.#stop.signal.aborted) return null
      try {
        store.applySnapshotLine(line.value)
      } catch (error) {
        log.error({ err: error }, 'a snapshot line could not be taken in')
        return refuse('internal.error', {})
      }
      if (line.value.type === 'end') return null
      // Each line that came in shows that the hub works: the next failure starts with a short wait again.
      if (line.value.type === 'conversations') this.#failures = 0
      const { snapshot } = store.position()
      if (snapshot && now() - shownAt >= this.#timing.progressEvery) {
        shownAt = now()
        const { done, total } = snapshot
        this.#set({ state: 'syncing', done: Math.min(done, total), total, lastSyncAt: this.#lastSyncAt })
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    return this.#stop.signal.aborted ? null : refuse('hub.unreachable', {}, { instead: 'wait' })
  }

  async #wait(ms: number | null): Promise<void> {
    if (this.#stop.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, ms)
      const wake = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#waiting = { since: this.#parts.now(), wake }
    })
    this.#waiting = null
  }

  #offline(reason: Refusal): void {
    const before = this.#connection
    const since = before.state === 'offline' && before.since !== null ? before.since : this.#parts.now()
    this.#set({ state: 'offline', since, lastSyncAt: this.#lastSyncAt, reason })
  }

  #set(connection: Connection): void {
    const before = this.#connection
    this.#connection = connection
    // Every patch is a sync, but the screen need not hear of each.
    const same = before.state === 'online' && connection.state === 'online'
    if (!same) this.#parts.onConnection(connection)
  }
}
