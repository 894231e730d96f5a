/**
 * One live connection to the hub, from hello to its end: takes patches whole, sends what waits in order, renews the
 * token, and gives the connection up when it falls silent or makes no sense.
 */
import { WebSocket } from 'ws'
import type { RawData } from 'ws'
import type { Logger } from 'pino'
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../../domain/refusal.ts'
import { FRAME_MAX, HubFrame, PROTOCOL } from '../../sync/protocol.ts'
import type { ClientFrame, QueuedCommand } from '../../sync/protocol.ts'
import type { Happened } from '../notices/happened.ts'
import type { Access, Tokens } from '../session/tokens.ts'
import type { MemberStore, Patch } from '../store/member-store.ts'
import { garbledRefusal, issuesOf, unreachableRefusal } from './client.ts'
import type { SyncTiming } from './timing.ts'

/** How a connection ended: the hub wants the device to fetch a snapshot, or it was lost. */
export type LinkEnd = { type: 'snapshot' } | { type: 'lost'; reason: Refusal }
export type PresenceFrame = Extract<HubFrame, { type: 'presence' }>
type WelcomeFrame = Extract<HubFrame, { type: 'welcome' }>

export type LinkParts = {
  url: string
  access: Access
  store: MemberStore
  tokens: Tokens
  timing: SyncTiming
  now: () => number
  log: Logger
  /** Caught up with the hub, or heard from it again. */
  onSynced: () => void
  onWelcome: () => void
  onPresence: (frame: PresenceFrame) => void
  /** A patch changed who is in these conversations; before `onSynced` while it is catching up. */
  onHappened: (happened: Happened[]) => void
  /** Opens a socket; a real one by default. */
  connect?: ((url: string, handshakeTimeout: number) => WebSocket) | undefined
}

/** Largest push frame we send, in bytes: well under {@link FRAME_MAX}. */
const PUSH_MAX = 200 * 1024
const PUSH_COMMANDS = 200
/** No more is pushed while so many bytes wait in the socket. */
const BUFFER_MAX = 1024 * 1024
/** With this code the hub closes a connection when the same queue has opened another one. */
const REPLACED = 4001
const LONGEST_TIMER = 2 ** 31 - 1

export class Link {
  readonly ended: Promise<LinkEnd>
  readonly #parts: LinkParts
  readonly #socket: WebSocket
  readonly #timers = new Set<NodeJS.Timeout>()
  #resolve: (end: LinkEnd) => void = () => undefined
  #over = false
  #welcomed: WelcomeFrame | null = null
  #synced = false
  #patch: Patch[] = []
  /** The last patch frame that came. */
  #n = 0
  /** The last command pushed on this connection: none is pushed twice on it. */
  #pushed = 0
  #silence: NodeJS.Timeout | undefined
  #drain: NodeJS.Timeout | undefined
  #answer: NodeJS.Timeout | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#socket = (parts.connect ?? openSocket)(parts.url, parts.timing.welcome)
    this.#socket.on('open', () => this.#hello())
    this.#socket.on('message', (data, binary) => this.#guard(() => this.#message(data, binary)))
    this.#socket.on('ping', () => this.#alive())
    this.#socket.on('unexpected-response', (_request, response) => {
      parts.log.warn({ status: response.statusCode }, 'the hub did not open a live connection')
      response.destroy()
      this.#lost([502, 503, 504].includes(response.statusCode ?? 0) ? unreachableRefusal() : garbledRefusal())
    })
    this.#socket.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : error.name
      parts.log.info({ code }, 'the live connection failed')
      // `ws` names what breaks its protocol WS_ERR_…; everything else is the network.
      this.#lost(code.startsWith('WS_ERR_') ? garbledRefusal() : unreachableRefusal())
    })
    this.#socket.on('close', (code) =>
      this.#lost(code === REPLACED ? refuse('session.replaced', {}) : unreachableRefusal()),
    )
    this.#later(parts.timing.welcome, () => {
      if (!this.#welcomed) this.#lost(unreachableRefusal())
    })
    this.#alive()
  }

  /** True between welcome and the end. */
  get isLive(): boolean {
    return this.#welcomed !== null && !this.#over
  }

  /** Sends the commands that have not been sent on this connection, in order. Does nothing before the welcome. */
  push(): void {
    this.#guard(() => this.#push())
  }

  presence(frame: Extract<ClientFrame, { type: 'presence' }>): void {
    if (this.isLive) this.#send(frame)
  }

  close(): void {
    this.#lost(unreachableRefusal())
  }

  #hello(): void {
    const { store, access } = this.#parts
    const { clientId, version, epoch, resultsKnown } = store.position()
    this.#send({
      type: 'hello',
      protocol: PROTOCOL,
      accessToken: access.token,
      clientId,
      version,
      epoch,
      resultsAfter: resultsKnown,
    })
  }

  #message(data: RawData, binary: boolean): void {
    if (this.#over) return
    this.#alive()
    const checked = binary ? undefined : HubFrame.safeParse(parse(data))
    if (!checked?.success) {
      const issues = checked?.error ? issuesOf(checked.error) : []
      this.#parts.log.warn({ issues }, 'a frame of the hub does not fit the protocol')
      return this.#lost(garbledRefusal())
    }
    const frame = checked.data
    if (frame.type === 'error') return this.#refused(frame.error)
    if (frame.type === 'welcome') return this.#welcome(frame)
    if (!this.#welcomed) return this.#lost(garbledRefusal())
    switch (frame.type) {
      case 'patch':
        return this.#takePatch(frame)
      case 'resync':
        return this.#end({ type: 'snapshot' })
      case 'presence':
        return this.#parts.onPresence(frame)
    }
  }

  #welcome(frame: WelcomeFrame): void {
    if (this.#welcomed) return this.#lost(garbledRefusal())
    if (frame.protocol !== PROTOCOL) {
      return this.#lost(refuse('hub.protocol', { theirs: frame.protocol, ours: PROTOCOL }, { instead: 'wait' }))
    }
    const { store, log } = this.#parts
    store.applyWelcome(frame)
    const { version } = store.position()
    // A hub that is behind us was restored from a backup, whether or not it knows.
    const isBehind = version === null || version > frame.version
    if (isBehind) log.warn('the hub knows less than this device: it is followed from a new snapshot')
    if (frame.snapshot || isBehind) return this.#end({ type: 'snapshot' })
    this.#welcomed = frame
    this.#pushed = frame.lastClientSeq
    this.#renewInTime(this.#parts.access)
    this.#parts.onWelcome()
    if (version >= frame.version) this.#sync()
    this.#push()
  }

  #takePatch(frame: Patch): void {
    if (frame.n <= this.#n) return
    if (frame.n !== this.#n + 1) {
      this.#parts.log.warn({ expected: this.#n + 1, came: frame.n }, 'a patch is missing')
      return this.#lost(unreachableRefusal())
    }
    this.#n = frame.n
    this.#patch.push(frame)
    if (frame.more) return
    const parts = this.#patch
    this.#patch = []
    this.#parts.onHappened(this.#parts.store.applyPatch(parts))
    if (this.#synced || frame.version >= (this.#welcomed?.version ?? 0)) this.#sync()
    this.#expectAnswer(frame.lastClientSeq)
    this.#push()
  }

  #sync(): void {
    this.#synced = true
    this.#parts.onSynced()
  }

  #push(): void {
    clearTimeout(this.#drain)
    while (this.isLive) {
      if (this.#socket.bufferedAmount > BUFFER_MAX) {
        this.#drain = setTimeout(() => this.push(), 50)
        return
      }
      const commands = firstFrame(this.#parts.store.outbox(this.#pushed, PUSH_COMMANDS))
      const last = commands.at(-1)
      if (!last) return
      this.#pushed = last.seq
      this.#send({ type: 'push', commands })
      this.#expectAnswer(0)
    }
  }

  /** A hub that pings but takes nothing, or a push that got lost: only a new connection helps. */
  #expectAnswer(taken: number): void {
    clearTimeout(this.#answer)
    if (this.#over || taken >= this.#pushed) return
    this.#answer = setTimeout(() => {
      this.#parts.log.warn('the hub has not taken what was pushed')
      this.#lost(unreachableRefusal())
    }, this.#parts.timing.answer)
  }

  #renewInTime(access: Access): void {
    const { tokens, timing, now, log } = this.#parts
    const left = access.expiresAt - timing.renewBefore - now()
    this.#later(Math.min(Math.max(left, 50), LONGEST_TIMER), () => {
      tokens
        .renew()
        .then((renewed) => {
          if (this.#over) return
          if (!renewed.ok) return this.#lost(renewed.refusal)
          this.#send({ type: 'renew', accessToken: renewed.value.token })
          // A token that is born almost expired must not make us ask in a circle.
          const { expiresAt } = renewed.value
          this.#renewInTime({ ...renewed.value, expiresAt: Math.max(expiresAt, now() + timing.renewBefore + 1_000) })
        })
        .catch((error: unknown) => {
          log.error({ err: error }, 'the access token could not be renewed')
          this.#lost(refuse('internal.error', {}))
        })
    })
  }

  #refused(refusal: Refusal): void {
    this.#parts.log.warn({ code: refusal.code }, 'the hub ended the connection')
    this.#lost(refusal)
  }

  #send(frame: ClientFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #alive(): void {
    clearTimeout(this.#silence)
    if (this.#over) return
    this.#silence = setTimeout(() => {
      this.#parts.log.info('the hub has been silent for too long')
      this.#lost(unreachableRefusal())
    }, this.#parts.timing.silence)
  }

  /** What fails in the store or in us ends this connection, never the process. */
  #guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#parts.log.error({ err: error }, 'what the hub said could not be taken in')
      this.#lost(refuse('internal.error', {}))
    }
  }

  #later(ms: number, step: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#over) this.#guard(step)
    }, ms)
    this.#timers.add(timer)
  }

  #lost(reason: Refusal): void {
    this.#end({ type: 'lost', reason })
  }

  #end(end: LinkEnd): void {
    if (this.#over) return
    this.#over = true
    for (const timer of this.#timers) clearTimeout(timer)
    clearTimeout(this.#silence)
    clearTimeout(this.#drain)
    clearTimeout(this.#answer)
    this.#patch = []
    this.#socket.terminate()
    this.#resolve(end)
  }
}

function openSocket(url: string, handshakeTimeout: number): WebSocket {
  return new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: FRAME_MAX,
    handshakeTimeout,
    followRedirects: false,
  })
}

/** As many of the first commands as fit in one frame; the first always. */
function firstFrame(commands: QueuedCommand[]): QueuedCommand[] {
  let bytes = 0
  const end = commands.findIndex((command, at) => {
    bytes += Buffer.byteLength(JSON.stringify(command)) + 1
    return at > 0 && bytes > PUSH_MAX
  })
  return end === -1 ? commands : commands.slice(0, end)
}

function parse(data: RawData): unknown {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // Not JSON: the schema refuses undefined.
    return undefined
  }
}
