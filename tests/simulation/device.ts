/** A workstation of a simulated world: the real store and the real connection, in a process that can be killed. */
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { CommandName } from '../../backend/domain/commands.ts'
import type { ConversationId, MemberId, TeamId } from '../../backend/domain/ids.ts'
import type { Time } from '../../backend/domain/rows.ts'
import { PROTOCOL } from '../../backend/sync/protocol.ts'
import { HubClient } from '../../backend/workstation/hub/client.ts'
import { Sync } from '../../backend/workstation/hub/sync.ts'
import { Tokens } from '../../backend/workstation/session/tokens.ts'
import type { Vault } from '../../backend/workstation/session/vault.ts'
import type { MemberStore } from '../../backend/workstation/store/member-store.ts'
import { openMemberStore } from '../../backend/workstation/store/open.ts'
import type { Connection } from '../../backend/workstation/views.ts'
import type { Chance } from './chance.ts'
import { Crash } from './dying-database.ts'
import type { Moment } from './dying-database.ts'
import type { Network } from './network.ts'
import { KEY } from './templates.ts'
import type { Templates } from './templates.ts'

/** Something a member did, as their device knows it; `at` tells it from everything else on this device. */
export type Issued = {
  at: Time
  name: CommandName
  args: Record<string, unknown>
  /** `unknown` when the process died of it. */
  answer: 'ok' | 'unknown'
}

export type DeviceWorld = {
  network: Network
  chance: Chance
  wall: () => Time
  folder: string
  templates: Templates
  problems: string[]
  /** Resolves with the promise, letting time pass as long as it takes. */
  settled: <T>(ending: Promise<T>) => Promise<T>
}

/** What each of these does is one transaction: the boundaries at which a process can die. */
const CHANGES = [
  ...['command', 'saveDraft', 'retry', 'discard', 'applyPatch', 'applyWelcome', 'applySnapshotLine'],
] as const

type Process = { store: MemberStore; sync: Sync; tokens: Tokens; connection: Connection; dead: boolean }

export class SimDevice {
  readonly name: string
  readonly teamId: TeamId
  readonly memberId: MemberId
  readonly issued: Issued[] = []
  /** Items that the member sent again or threw away, by their `at`. */
  readonly settled = new Set<Time>()
  /** What the member typed last and did not send, by conversation. */
  readonly drafts = new Map<ConversationId, string>()
  /** Whether the program is of an older version than the hub. */
  old = false
  readonly #world: DeviceWorld
  /** How far this computer's clock is off, in ms. */
  readonly #skew: number
  #process: Process | null = null
  #lives = 0
  #last: Time = 0
  #death: { changes: number; moment: Moment } | null = null

  constructor(world: DeviceWorld, name: string, teamId: TeamId, memberId: MemberId) {
    this.#world = world
    this.name = name
    this.teamId = teamId
    this.memberId = memberId
    this.#skew = world.chance.between(-3_600_000, 3_600_000)
  }

  get clientId(): string {
    return `client-${this.name}`
  }
  get isRunning(): boolean {
    return this.#process !== null
  }
  /** Whether the process died by itself and has to be buried. */
  get isDead(): boolean {
    return this.#process?.dead ?? false
  }
  get store(): MemberStore | null {
    return this.#process && !this.#process.dead ? this.#process.store : null
  }
  get connection(): Connection | null {
    return this.#process?.connection ?? null
  }
  /** Whether the hub will hear nothing of this member until they sign in again. */
  get isSignedOut(): boolean {
    return (this.#process?.tokens.ended ?? null) !== null
  }
  get path(): string {
    return join(this.#world.folder, `${this.name}-${this.#lives}.db`)
  }

  /** Starts the program, which is signed in. */
  start(): void {
    if (this.#process) return
    const { network, wall, chance } = this.#world
    const log = { info: () => undefined, warn: () => undefined }
    if (!existsSync(this.path)) this.#world.templates.empty(this.path, this.clientId, this.memberId)
    const opened = openMemberStore({ path: this.path, key: KEY, log })
    if (!opened.ok) throw new Error(`the store of ${this.name} does not open: ${opened.reason}`)
    const process: Process = {
      store: opened.store,
      dead: false,
      connection: { state: 'connecting', lastSyncAt: null },
    } as Process
    const store = this.#mortal(opened.store, process)
    const refreshToken = Buffer.from(
      JSON.stringify({ teamId: this.teamId, memberId: this.memberId, clientId: this.clientId, expiresAt: 0 }),
    ).toString('base64url')
    const now = () => wall() + this.#skew
    const syncLog = pino({ level: 'error' }, { write: (line: string) => this.#logged(process, line) })
    const hub = new HubClient('http://hub', syncLog, undefined, network.fetchOf(this.name))
    const vault = { kept: { refreshToken }, keep: async () => undefined }
    process.tokens = new Tokens(hub, vault as unknown as Vault, now, syncLog)
    process.sync = new Sync({
      store,
      hub,
      tokens: process.tokens,
      log: syncLog,
      now,
      random: chance.next,
      lastSyncAt: null,
      onConnection: (connection) => {
        process.connection = connection
        if (!process.dead) opened.store.setOnline(connection.state === 'online')
      },
      onPresence: () => undefined,
      onHappened: () => undefined,
      connect: () => network.connect(this.name, (text) => this.#spoken(text)),
    })
    this.#process = process
    process.sync.start()
  }

  /** The process is killed, or the member ends the program: what is on the disk stays as it is. */
  async stop(): Promise<void> {
    const process = this.#process
    if (!process) return
    process.dead = true
    const from = this.path
    this.#lives += 1
    for (const suffix of ['', '-wal', '.proof']) {
      if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${this.path}${suffix}`)
    }
    this.#world.network.cut(this.name, 'device')
    this.#process = null
    this.#death = null
    await this.#world.settled(process.sync.stop())
    process.store.close()
    for (const suffix of ['', '-wal', '-shm', '.proof']) rmSync(`${from}${suffix}`, { force: true })
  }

  /** Dies right before or right after its `changes`-th transaction from now. */
  dieAt(changes: number, moment: Moment): void {
    this.#death = { changes, moment }
  }

  /** Takes {@link dieAt} back. */
  spare(): void {
    this.#death = null
  }

  wake(): void {
    if (!this.isDead) this.#process?.sync.wake()
  }

  /** The member does something; refused at once, or queued. @returns the refusal's code, 'ok', or undefined when it died */
  act(name: CommandName, args: Record<string, unknown>): string | undefined {
    const { store } = this
    if (!store) return undefined
    const at = this.#at()
    try {
      const answer = this.#mortalStore().command({ name, args }, at)
      if (answer.ok) this.issued.push({ at, name, args, answer: 'ok' })
      return answer.ok ? 'ok' : answer.refusal.code
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      this.issued.push({ at, name, args, answer: 'unknown' })
      return undefined
    }
  }

  /** The member types and does not send. */
  type(id: ConversationId, text: string): void {
    if (!this.store?.conversation(id)) return
    try {
      this.#mortalStore().saveDraft(id, { mode: 'reply', reply: text, note: '', attachmentIds: [] })
      this.drafts.set(id, text)
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      this.drafts.delete(id)
    }
  }

  /** The member sends the oldest refused item again, or throws it away. */
  settle(how: 'retry' | 'discard'): void {
    const item = this.store?.queue().refused[0]
    if (!item) return
    const at = this.#at()
    const settled = this.#refusedAt(item.id)
    try {
      if (how === 'discard') {
        this.#mortalStore().discard(item.id)
        this.settled.add(settled)
      } else {
        const result = this.#mortalStore().retry(item.id, undefined, at)
        if (result.ok && result.value.ok) {
          this.settled.add(settled)
          this.issued.push({
            at,
            name: item.name as CommandName,
            args: { conversationId: item.conversationId },
            answer: 'ok',
          })
        }
      }
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      // It may be there still, or not, or be on its way as new.
      this.settled.add(settled)
      this.issued.push({
        at,
        name: item.name as CommandName,
        args: { conversationId: item.conversationId },
        answer: 'unknown',
      })
    }
  }

  #refusedAt(id: number): Time {
    return this.store?.queue().refused.find((item) => item.id === id)?.at ?? 0
  }

  /** Times on one device only grow, so that each names one act. */
  #at(): Time {
    this.#last = Math.max(this.#last + 1, this.#world.wall() + this.#skew)
    return this.#last
  }

  #mortalStore(): MemberStore {
    const process = this.#process
    if (!process) throw new Crash()
    return this.#mortal(process.store, process)
  }

  #mortal(store: MemberStore, process: Process): MemberStore {
    return new Proxy(store, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...args: unknown[]) => unknown
        if (!(CHANGES as readonly PropertyKey[]).includes(property)) return call
        return (...args: unknown[]) => {
          if (process.dead) throw new Crash()
          const death = this.#death
          const now = death !== null && (death.changes -= 1) === 0
          if (now && death.moment === 'before') this.#die(process)
          const result = call(...args)
          if (now) this.#die(process)
          return result
        }
      },
    })
  }

  #die(process: Process): never {
    process.dead = true
    this.#death = null
    throw new Crash()
  }

  #spoken(text: string): string {
    return this.old ? text.replace(`"protocol":${PROTOCOL}`, `"protocol":${PROTOCOL - 1}`) : text
  }

  #logged(process: Process, line: string): void {
    if (!process.dead) this.#world.problems.push(`${this.name}: ${line}`)
  }
}
