/** A WebSocket client that also speaks nonsense: fragments, raw bytes on the upgraded connection, no good-bye. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

/** How long the other end has for what it must do at once, in ms. */
export const PATIENCE = 15_000

export class FuzzSocket {
  readonly texts: string[] = []
  /** Set when it is over; 1006 when nothing was said. */
  closedWith: number | null = null
  /** The status with which the upgrade was refused, and the body. */
  refused: { status: number; text: string } | null = null
  readonly #ws: WebSocket
  readonly #raw: Socket
  #wasOpen = false
  readonly #waiting = new Set<() => void>()

  constructor(url: string, headers: Record<string, string>) {
    const { hostname, port } = new URL(url)
    this.#raw = connect(Number(port), hostname)
    this.#raw.on('error', () => undefined)
    this.#ws = new WebSocket(url, {
      headers,
      perMessageDeflate: false,
      maxPayload: 64 * 1024 * 1024,
      createConnection: () => this.#raw,
    })
    this.#ws.on('message', (data) => {
      this.texts.push(data.toString())
      this.#changed()
    })
    this.#ws.on('open', () => {
      this.#wasOpen = true
      this.#changed()
    })
    this.#ws.on('error', () => this.#changed())
    this.#ws.on('close', (code) => {
      this.closedWith = code
      this.#changed()
    })
    this.#ws.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => this.#ws.terminate())
      response.on('end', () => {
        this.refused = { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }
        this.#ws.terminate()
        this.#changed()
      })
    })
  }

  /** Resolves when it has been opened, or will never be. */
  async opened(): Promise<boolean> {
    await this.until(() => this.#ws.readyState !== WebSocket.CONNECTING)
    return this.#wasOpen
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN
  }

  send(data: string | Buffer, options: { binary?: boolean; fin?: boolean } = {}): void {
    if (this.isOpen) this.#ws.send(data, options, () => undefined)
  }

  ping(data: Buffer): void {
    if (this.isOpen) this.#ws.ping(data, true, () => undefined)
  }

  close(code: number): void {
    if (this.isOpen) this.#ws.close(code)
  }

  /** Bytes beside the protocol. */
  raw(bytes: Buffer): void {
    if (!this.#raw.destroyed) this.#raw.write(bytes)
  }

  /** Ends it without a word; with a reset instead of an end when `hard`. */
  cut(hard = false): void {
    // A connection that is on its way down cannot be reset, and is never let go of when one tries.
    if (hard && this.isOpen && this.#raw.writable) this.#raw.resetAndDestroy()
    else this.#ws.terminate()
  }

  /** Resolves to whether the condition came true in time; looked at after whatever comes. */
  async until(condition: () => boolean, patience = PATIENCE): Promise<boolean> {
    const end = Date.now() + patience
    while (!condition()) {
      const left = end - Date.now()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          this.#waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, left)
        this.#waiting.add(done)
      })
    }
    return true
  }

  #changed(): void {
    for (const done of this.#waiting) done()
  }
}

/** A frame as the protocol has it, or not: any opcode, reserved bits, mask or none, a length that lies. */
export type RawFrame = {
  first: number
  masked: boolean
  payload: string
  /** Said instead of the payload's length; null for the truth. */
  length: number | null
}

export function frameBytes({ first, masked, payload, length }: RawFrame): Buffer {
  const body = Buffer.from(payload)
  const said = length ?? body.length
  const mask = masked ? 0x80 : 0
  const short = said < 126 ? said : said < 65_536 ? 126 : 127
  const head = Buffer.alloc(2 + (short === 126 ? 2 : short === 127 ? 8 : 0))
  head[0] = first
  head[1] = mask | short
  if (short === 126) head.writeUInt16BE(said, 2)
  if (short === 127) head.writeBigUInt64BE(BigInt(said), 2)
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), body])
}
