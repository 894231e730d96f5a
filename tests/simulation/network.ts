/**
 * The network between the workstations and the hub of a simulated world: sockets and requests that are delayed, cut and
 * swallowed, and frames that are lost, repeated or overtaken, which is more than a real network does to a connection.
 */
import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import type { Chance } from './chance.ts'

/** What goes wrong, as shares of all frames; times in ms, at most. */
export type Faults = { lost: number; repeated: number; overtaken: number; delay: number; slowCommit: number }
export const NO_FAULTS: Faults = { lost: 0, repeated: 0, overtaken: 0, delay: 5, slowCommit: 0 }

/** The hub's end of the network. */
export type Host = {
  accept(socket: WebSocket): void
  answer(request: Request): Promise<Response>
}

const STATES = { connecting: 0, open: 1, closing: 2, closed: 3 } as const
const UNREACHABLE = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }) })

/** One end of a socket. Has what of `ws` the two links use, and behaves as it does. */
class End extends EventEmitter {
  readonly OPEN = STATES.open
  readyState: number = STATES.connecting
  readonly bufferedAmount = 0
  other: End | null = null
  /** Whether what is under way to this end still gets there. */
  hears = true
  readonly #network: Network
  /** When the last frame sent from here arrives: the next one comes after it. */
  #arrives = 0

  constructor(network: Network) {
    super()
    this.#network = network
  }

  send(data: string, done?: () => void): void {
    if (this.readyState !== STATES.open) return
    const { faults, chance, now } = this.#network
    done?.()
    if (chance.is(faults.lost)) return
    const times = chance.is(faults.repeated) ? 2 : 1
    for (let i = 0; i < times; i++) {
      const at = now() + chance.between(1, faults.delay)
      const late = chance.is(faults.overtaken) ? at + faults.delay : Math.max(at, this.#arrives)
      if (late !== at + faults.delay) this.#arrives = late
      this.#deliver(late, () => this.other?.emit('message', Buffer.from(data), false))
    }
  }

  ping(): void {
    this.#deliver(soon(this.#network), () => {
      this.other?.emit('ping')
      this.other?.pong()
    })
  }

  pong(): void {
    this.#deliver(soon(this.#network), () => this.other?.emit('pong'))
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState >= STATES.closing) return
    this.readyState = STATES.closing
    this.#deliver(Math.max(soon(this.#network), this.#arrives), () => this.other?.gone(code, reason), true)
    setTimeout(() => this.gone(code, reason), this.#network.faults.delay)
  }

  terminate(): void {
    if (this.readyState === STATES.closed) return
    // One that is only being opened never will be.
    this.readyState = STATES.closing
    this.#deliver(soon(this.#network), () => this.other?.gone(1006, ''), true)
    setTimeout(() => this.gone(1006, ''), 0)
  }

  /** The connection is over for this end. */
  gone(code: number, reason: string): void {
    if (this.readyState === STATES.closed) return
    this.readyState = STATES.closed
    this.hears = false
    this.emit('close', code, Buffer.from(reason))
  }

  #deliver(at: number, what: () => void, evenClosed = false): void {
    setTimeout(
      () => {
        const { other } = this
        if (other?.hears && (evenClosed || other.readyState !== STATES.connecting)) what()
      },
      Math.max(0, at - this.#network.now()),
    )
  }
}

function soon(network: Network): number {
  return network.now() + network.chance.between(1, network.faults.delay)
}

export class Network {
  faults: Faults = NO_FAULTS
  readonly chance: Chance
  readonly now: () => number
  /** Null while the hub is down. */
  #host: Host | null = null
  /** Open connections, by the device. */
  readonly #pairs = new Map<string, Set<{ device: End; hub: End }>>()
  readonly #cutOff = new Set<string>()
  /** Bodies on their way, by the device. */
  readonly #bodies = new Map<string, Set<() => void>>()

  constructor(chance: Chance, now: () => number) {
    this.chance = chance
    this.now = now
  }

  hubIsUp(host: Host): void {
    this.#host = host
  }

  /** The hub's process is gone: its ends hear nothing more, the other ends notice a little later. */
  hubIsDown(): void {
    this.#host = null
    for (const device of this.#pairs.keys()) this.cut(device, 'hub')
  }

  /** Ends the device's connections, as a router that starts anew does. @param dead the process that is gone, if any */
  cut(device: string, dead: 'hub' | 'device' | null = null): void {
    for (const pair of this.#pairs.get(device) ?? []) {
      for (const which of ['device', 'hub'] as const) {
        const end = pair[which]
        if (which === dead) end.hears = false
        end.readyState = Math.max(end.readyState, STATES.closing)
        setTimeout(() => end.gone(1006, ''), this.chance.between(0, 2 * this.faults.delay))
      }
    }
    this.#pairs.delete(device)
    for (const breakOff of this.#bodies.get(device) ?? []) breakOff()
    this.#bodies.delete(device)
  }

  /** Whether anything between the device and the hub passes. Those that do not pass are not told. */
  setReach(device: string, reaches: boolean): void {
    if (reaches) {
      this.#cutOff.delete(device)
      return
    }
    this.#cutOff.add(device)
    for (const pair of this.#pairs.get(device) ?? []) for (const end of [pair.device, pair.hub]) end.hears = false
    this.#pairs.delete(device)
    for (const breakOff of this.#bodies.get(device) ?? []) breakOff()
    this.#bodies.delete(device)
  }

  /** Opens a socket from a device. @param outgoing changes what the device says (a program of another version) */
  connect(device: string, outgoing: (text: string) => string): WebSocket {
    const ends = { device: new End(this), hub: new End(this) }
    ends.device.other = ends.hub
    ends.hub.other = ends.device
    const send = ends.device.send.bind(ends.device)
    ends.device.send = (text, done) => send(outgoing(text), done)
    setTimeout(
      () => {
        if (ends.device.readyState !== STATES.connecting) return
        if (!this.#reaches(device)) {
          ends.device.readyState = STATES.closing
          ends.device.emit('error', Object.assign(new Error('no route'), { code: 'ECONNREFUSED' }))
          return ends.device.gone(1006, '')
        }
        ends.device.readyState = STATES.open
        ends.hub.readyState = STATES.open
        this.#keep(device, ends)
        this.#host?.accept(asSocket(ends.hub))
        ends.device.emit('open')
      },
      this.chance.between(1, this.faults.delay),
    )
    return asSocket(ends.device)
  }

  /** `fetch` as the device has it. Loses requests and answers, and breaks bodies off, when the connection is cut. */
  fetchOf(device: string): typeof fetch {
    return async (input, init) => {
      await this.#travel()
      const host = this.#host
      if (!host || !this.#reaches(device)) throw UNREACHABLE()
      const { signal, ...rest } = init ?? {}
      const response = await host.answer(new Request(String(input), rest))
      await this.#travel()
      if (this.#host !== host || !this.#reaches(device) || this.chance.is(this.faults.lost)) throw UNREACHABLE()
      if (!response.body) return response
      return new Response(this.#body(device, response.body, signal ?? null), response)
    }
  }

  #body(device: string, source: ReadableStream<Uint8Array>, signal: AbortSignal | null): ReadableStream<Uint8Array> {
    const reader = source.getReader()
    let broken = false
    const breakOff = () => (broken = true)
    const bodies = this.#bodies.get(device) ?? new Set()
    this.#bodies.set(device, bodies.add(breakOff))
    return new ReadableStream({
      pull: async (controller) => {
        await this.#travel()
        if (!broken && this.chance.is(this.faults.lost / 2)) broken = true
        const part = broken || signal?.aborted ? null : await reader.read()
        if (part === null || broken) {
          controller.error(UNREACHABLE())
          // The hub notices when it writes on.
          return reader.cancel().catch(() => undefined)
        }
        if (!part.done) return controller.enqueue(part.value)
        bodies.delete(breakOff)
        controller.close()
      },
      cancel: () => reader.cancel().catch(() => undefined),
    })
  }

  #travel(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.chance.between(1, this.faults.delay)))
  }

  #reaches(device: string): boolean {
    return this.#host !== null && !this.#cutOff.has(device)
  }

  #keep(device: string, pair: { device: End; hub: End }): void {
    const pairs = this.#pairs.get(device) ?? new Set()
    this.#pairs.set(device, pairs.add(pair))
    pair.device.once('close', () => pairs.delete(pair))
  }
}

/** An end has all of a socket that the links touch. */
function asSocket(end: End): WebSocket {
  return end as unknown as WebSocket
}
