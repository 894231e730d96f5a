/** A cable between two processes that a test can pull out. */
import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'

export class Cable {
  readonly #sockets = new Set<Socket>()
  readonly #server
  #plugged = true
  /** Called for each piece of data on its way to the far end. */
  onSend: (data: Buffer) => void = () => undefined

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
    near.on('data', (data: Buffer) => {
      this.onSend(data)
      if (!far.destroyed) far.write(data)
    })
    far.pipe(near)
  }
}

/** Whether a piece of a client's traffic begins with a WebSocket text frame of this type (RFC 6455, section 5.2). */
export function isFrame(data: Buffer, type: string): boolean {
  const TEXT = 0x81
  const MASKED = 0x80
  if (data.length < 20 || data[0] !== TEXT) return false
  const length = (data[1] ?? 0) - MASKED
  const maskAt = length === 126 ? 4 : length === 127 ? 10 : 2
  const mask = data.subarray(maskAt, maskAt + 4)
  const begins = `{"type":"${type}"`
  const payload = data.subarray(maskAt + 4, maskAt + 4 + begins.length).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
  return payload.toString() === begins
}
