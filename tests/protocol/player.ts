/**
 * Plays the examples of docs/protocol.md against a hub, in their order, over real HTTP and WebSockets. The info string
 * of a block says who sends it: `json counter→hub push`. What the hub sends `counter` must all be in the document;
 * of `office` only what it sends is.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { PROTOCOL } from '../../backend/sync/protocol.ts'
import type { Block } from './document.ts'
import { Placeholders } from './placeholders.ts'
import { PASSWORD } from './shop.ts'

const PATIENCE = 20_000
const INFO = /^(http|json|text) ([a-z]+)→([a-z]+)(?: (.+))?$/

/** One answer of the hub, as the document has it and as it was. */
export type Answer = { block: Block; expected: unknown; actual: unknown }

/** One end of a socket: what came, in order, and how it was closed. */
class Line {
  readonly #ws: WebSocket
  readonly #frames: unknown[] = []
  #closed: string | null = null
  #wake: () => void = () => undefined

  private constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data) => {
      this.#frames.push(JSON.parse(String(data)))
      this.#wake()
    })
    ws.on('close', (code, reason) => {
      this.#closed = `${code} ${String(reason)}`.trim()
      this.#wake()
    })
  }

  static async open(url: string): Promise<Line> {
    const ws = new WebSocket(url)
    const line = new Line(ws)
    await once(ws, 'open')
    return line
  }

  get waiting(): readonly unknown[] {
    return this.#frames
  }

  send(frame: unknown): void {
    this.#ws.send(JSON.stringify(frame))
  }

  async next(): Promise<unknown> {
    await this.#until(() => this.#frames.length > 0 || this.#closed !== null, 'a frame')
    if (this.#frames.length === 0) throw new Error(`the connection was closed: ${this.#closed}`)
    return this.#frames.shift()
  }

  /** How the hub closed it, after everything it sent. */
  async closed(): Promise<string> {
    await this.#until(() => this.#closed !== null, 'the end of the connection')
    return this.#closed ?? ''
  }

  async close(): Promise<void> {
    if (this.#closed !== null) return
    this.#ws.close()
    await this.closed()
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const end = Date.now() + PATIENCE
    while (!condition()) {
      const left = end - Date.now()
      if (left <= 0) throw new Error(`${what} did not come within ${PATIENCE / 1000} s`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

export class Player {
  readonly answers: Answer[] = []
  readonly placeholders = new Placeholders()
  /** The types of all frames that were sent and came. */
  readonly types = new Set<string>()
  readonly #url: string
  readonly #lines = new Map<string, Line>()
  #response: Response | null = null

  constructor(url: string) {
    this.#url = url
  }

  /** Plays every block; throws at the first that is otherwise than the document says. */
  async play(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) {
      await this.#step(block).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`docs/protocol.md:${block.line} (${block.info}): ${why}`, { cause: error })
      })
    }
    const { waiting = [] } = this.#lines.get('counter') ?? {}
    if (waiting.length > 0) {
      throw new Error(`not in the document: ${JSON.stringify(this.placeholders.described(waiting), null, 2)}`)
    }
  }

  async stop(): Promise<void> {
    for (const line of this.#lines.values()) await line.close()
  }

  async #step(block: Block): Promise<void> {
    const [, form, from = '', to = '', label = ''] = INFO.exec(block.info) ?? []
    if (form === 'http') return to === 'hub' ? this.#request(from, block.text) : this.#answer(block)
    if (form === 'json') return to === 'hub' ? this.#send(from, block.text, label) : this.#frame(block, to, label)
    if (form === 'text' && label === 'close') {
      if (to === 'hub') return this.#line(from).close()
      return this.#compare(block, block.text, await this.#line(to).closed())
    }
    throw new Error('nobody can play this')
  }

  async #request(from: string, text: string): Promise<void> {
    const { first, headers, body } = parseHttp(text)
    const [method = '', path = ''] = this.placeholders.inText(first).split(' ')
    if (headers.get('upgrade') === 'websocket') {
      this.#lines.set(from, await Line.open(this.#url.replace('http', 'ws') + path))
      return
    }
    const sent = headers.get('content-type') === 'application/json' ? JSON.stringify(this.#toSend(body)) : body
    this.#response = await fetch(this.#url + path, {
      method,
      headers: Object.fromEntries([...headers].map(([name, value]) => [name, this.placeholders.inText(value)])),
      ...(body === '' ? {} : { body: sent }),
    })
  }

  async #answer(block: Block): Promise<void> {
    const response = this.#response
    this.#response = null
    if (!response) throw new Error('nobody has asked for this')
    const { first, headers, body } = parseHttp(block.text)
    const given = [...headers].map(([name]) => [name, response.headers.get(name)])
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    await this.#compare(
      block,
      {
        status: Number(first),
        headers: Object.fromEntries(headers),
        body: type.includes('json') ? valuesIn(body) : body,
      },
      {
        status: response.status,
        headers: Object.fromEntries(given),
        body: type.includes('json') ? valuesIn(text) : text,
      },
    )
  }

  async #send(from: string, text: string, label: string): Promise<void> {
    if (from === 'office' && !this.#lines.has(from)) await this.#openOffice()
    const frame = this.#toSend(text)
    this.#named(frame, label, 'ClientFrame')
    this.#line(from).send(frame)
  }

  async #frame(block: Block, to: string, label: string): Promise<void> {
    const expected: unknown = JSON.parse(block.text)
    this.#named(expected, label, 'HubFrame')
    await this.#compare(block, expected, await this.#line(to).next())
  }

  async #compare(block: Block, expected: unknown, actual: unknown): Promise<void> {
    this.answers.push({ block, expected, actual })
    const differences = this.placeholders.differences(expected, actual)
    if (differences.length === 0) return
    const was = JSON.stringify(this.placeholders.described(actual), null, 2)
    throw new Error(`the hub answers otherwise:\n${differences.join('\n')}\nIt answers:\n${was}`)
  }

  /** The label of a frame is its type. */
  #named(frame: unknown, label: string, of: string): void {
    const type = typeof frame === 'object' && frame !== null && 'type' in frame ? frame.type : undefined
    if (type !== label) throw new Error(`this is no ${label}`)
    this.types.add(`${of}.${label}`)
  }

  #toSend(text: string): unknown {
    return this.placeholders.inValue(JSON.parse(text))
  }

  #line(of: string): Line {
    const line = this.#lines.get(of)
    if (!line) throw new Error(`${of} has no connection`)
    return line
  }

  /** Signs the colleague in, as the document says has happened. */
  async #openOffice(): Promise<void> {
    const workstation = { id: 'office-workstation', name: '辦公室' }
    const response = await fetch(`${this.#url}/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'yating@shop.example', password: PASSWORD, workstation, protocol: PROTOCOL }),
    })
    const { accessToken, clientId } = await response.json()
    const line = await Line.open(`${this.#url.replace('http', 'ws')}/sync`)
    const at = { version: null, epoch: '', resultsAfter: 0 }
    line.send({ type: 'hello', protocol: PROTOCOL, accessToken, clientId, ...at })
    await line.next()
    this.#lines.set('office', line)
  }
}

/** A request or an answer as it is written in the document: a first line, headers, an empty line, the body. */
function parseHttp(text: string): { first: string; headers: Map<string, string>; body: string } {
  const [head = '', ...rest] = text.split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const headers = lines.map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1).trim()] as const
  })
  return { first, headers: new Map(headers), body: rest.join('\n\n') }
}

/** The JSON values in a text, one after the other; each begins at the beginning of a line. */
function valuesIn(text: string): unknown[] {
  return text
    .trim()
    .split(/\n(?=\{)/)
    .map((one) => JSON.parse(one))
}
