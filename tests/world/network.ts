/** A cable between two processes that a test can pull out. */
import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'

export class Cable {
  readonly #sockets = new Set<Socket>()
  readonly #far = new Set<Socket>()
  readonly #server
  #plugged = true
  /** Called with each WebSocket text message that is about to reach the far end. */
  onText: (text: string) => void = () => undefined

  readonly #farPort: () => number

  private constructor(farPort: () => number) {
    this.#farPort = farPort
    this.#server = createServer((near) => this.#join(near))
  }

  /** Lays a cable to a port of this computer; the port is asked for at each connection. */
  static async lay(farPort: () => number): Promise<Cable> {
    const cable = new Cable(farPort)
    cable.#server.listen(0, '127.0.0.1')
    await once(cable.#server, 'listening')
    return cable
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection, and each new one until it is plugged in again. */
  cut(): void {
    this.#plugged = false
    for (const socket of this.#sockets) socket.destroy()
  }

  plug(): void {
    this.#plugged = true
  }

  /** Keeps back what comes from the far end over the connections there are, until {@link letThrough}. */
  holdBack(): void {
    for (const socket of this.#far) socket.pause()
  }

  letThrough(): void {
    for (const socket of this.#far) socket.resume()
  }

  async remove(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(near: Socket): void {
    if (!this.#plugged) {
      near.destroy()
      return
    }
    const far = connect(this.#farPort(), '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      // A cut shows as an error on one side and as an end on the other: both take the other side down.
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    this.#far.add(far)
    far.on('close', () => this.#far.delete(far))
    const reader = new TextReader((text) => this.onText(text))
    near.on('data', (data: Buffer) => {
      reader.take(data)
      if (!far.destroyed) far.write(data)
    })
    far.pipe(near)
  }
}

/**
 * Reads the text messages of one client's WebSocket (RFC 6455, section 5.2), in whatever pieces its traffic comes: two
 * messages in one, or one in two. Of a connection that is no WebSocket it reads nothing.
 */
class TextReader {
  readonly #onText: (text: string) => void
  #held = Buffer.alloc(0)
  #state: 'head' | 'messages' | 'other' = 'head'

  constructor(onText: (text: string) => void) {
    this.#onText = onText
  }

  take(data: Buffer): void {
    if (this.#state === 'other') return
    this.#held = Buffer.concat([this.#held, data])
    if (this.#state === 'head') this.#readHead()
    let isMore = this.#state === 'messages'
    while (isMore) isMore = this.#readMessage()
  }

  #readHead(): void {
    const end = this.#held.indexOf('\r\n\r\n')
    if (end < 0) return
    this.#state = /^upgrade: websocket\r?$/im.test(this.#held.toString('latin1', 0, end + 2)) ? 'messages' : 'other'
    this.#held = this.#held.subarray(end + 4)
  }

  /** Takes one whole frame off what is held; false when there is none. A client of ours masks, and does not compress. */
  #readMessage(): boolean {
    const TEXT = 0x81
    const held = this.#held
    if (held.length < 2) return false
    const short = (held[1] ?? 0) & 0x7f
    const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2
    if (held.length < maskAt + 4) return false
    const length = short === 126 ? held.readUInt16BE(2) : short === 127 ? Number(held.readBigUInt64BE(2)) : short
    const begin = maskAt + 4
    if (held.length < begin + length) return false
    const mask = held.subarray(maskAt, begin)
    const payload = held.subarray(begin, begin + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
    this.#held = held.subarray(begin + length)
    if (held[0] === TEXT) this.#onText(Buffer.from(payload).toString())
    return true
  }
}
