/**
 * A small hub for tests of the workstation's side: speaks the protocol over real sockets, does what a test tells it,
 * and remembers what it was sent. It knows no rules; the real hub is in the end-to-end tests.
 */
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { MemberId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Member, Message } from '../../domain/rows.ts'
import { ClientFrame, PROTOCOL } from '../../sync/protocol.ts'
import type { HubFrame, QueuedCommand, Session, SnapshotLine } from '../../sync/protocol.ts'

export const MEMBER = {
  id: MemberId.parse('mei'),
  name: '林小美',
  email: 'mei@example.test',
  phone: null,
  role: 'cs_agent',
  storeIds: [],
  active: true,
} as const

type Answer = { status: number; body: unknown }
type Hello = Extract<ClientFrame, { type: 'hello' }>

export class StandInHub {
  readonly url: string
  /** Every push frame, in the order of arrival. */
  readonly pushes: QueuedCommand[][] = []
  readonly hellos: Hello[] = []
  readonly renewals: string[] = []
  readonly snapshotQueries: string[] = []
  /** What happened, in words, for tests about order. */
  readonly story: string[] = []
  sockets = new Set<WebSocket>()
  readonly #patches = new WeakMap<WebSocket, number>()

  /** Who signs in, whatever the address. */
  member: Member = { ...MEMBER, storeIds: [] }
  password = 'right horse'
  storeKey = Buffer.alloc(32, 7).toString('base64')
  lastClientSeq = 0
  lastFingerprint: string | null = null
  version = 1
  /** ms that an access token lives. */
  accessLife = 60 * 60 * 1000
  /** The refresh token that works now. */
  refreshToken = 'refresh-token-number-0000'
  refreshRefusal: Refusal | null = null
  /** Takes requests for a new token and never answers them. */
  hangs = false
  /** Answers every request with this, when set. */
  failure: Answer | null = null
  /** Instead of a welcome, when set. */
  onHello: ((socket: WebSocket, hello: Hello) => void) | null = null
  /** Takes pushed commands when true: answers each push with a patch. */
  takes = true
  wantsSnapshot = false
  snapshotLines: SnapshotLine[] = []
  /** Instead of them: a file with lines as they go over the wire. */
  snapshotFile: string | null = null
  /** Cuts the connection after so many lines of a snapshot. */
  cutSnapshotAfter = Number.POSITIVE_INFINITY
  uploadRefusal: Refusal | null = null
  /** What it has of every conversation, oldest first. */
  older: Message[] = []
  /** A file that it gives for every id. */
  file: Buffer | null = null
  /** What it answers to other requests, by `METHOD /path`. */
  readonly answers = new Map<string, Answer>()
  /** Those requests, each with its body. */
  readonly asked: { request: string; token: string; body: unknown }[] = []
  /** What it says of pushed commands, by their seq. */
  readonly refusals = new Map<number, Refusal>()

  readonly #server: Server
  #tokens = 0

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(port = 0): Promise<StandInHub> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const hub = new StandInHub(server, address.port)
    server.on('request', (request, response) => {
      hub
        .#serve(request, response)
        .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
    })
    const sockets = new WebSocketServer({ server, path: '/sync', perMessageDeflate: false })
    sockets.on('connection', (socket) => hub.#connected(socket))
    return hub
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** Sends a frame to every connection. */
  tell(frame: HubFrame | string): void {
    for (const socket of this.sockets) {
      if (typeof frame === 'string') socket.send(frame)
      else this.#send(socket, frame)
    }
  }

  /** An empty patch that takes what was pushed so far. */
  patch(more = false): Extract<HubFrame, { type: 'patch' }> {
    const { version, lastClientSeq } = this
    return {
      type: 'patch',
      n: 1,
      version,
      epoch: '',
      more,
      lastClientSeq,
      results: [],
      evicts: [],
      removes: [],
      puts: [],
    }
  }

  welcome(): Extract<HubFrame, { type: 'welcome' }> {
    const { version, lastClientSeq, wantsSnapshot } = this
    return {
      type: 'welcome',
      protocol: PROTOCOL,
      hubTime: Date.now(),
      horizon: 0,
      version,
      lastClientSeq,
      lastFingerprint: this.lastFingerprint,
      snapshot: wantsSnapshot,
    }
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  async stop(): Promise<void> {
    this.cut()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Patches are numbered from the welcome on, as a hub does it. */
  #send(socket: WebSocket, frame: HubFrame): void {
    if (frame.type === 'welcome') this.#patches.set(socket, 0)
    const n = (this.#patches.get(socket) ?? 0) + 1
    if (frame.type === 'patch') this.#patches.set(socket, n)
    socket.send(JSON.stringify(frame.type === 'patch' ? { ...frame, n } : frame))
  }

  #connected(socket: WebSocket): void {
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('message', (data) => {
      const frame = ClientFrame.parse(JSON.parse(String(data)))
      if (frame.type === 'hello') {
        this.hellos.push(frame)
        this.story.push('hello')
        if (this.onHello) this.onHello(socket, frame)
        else this.#send(socket, this.welcome())
      }
      if (frame.type === 'renew') this.renewals.push(frame.accessToken)
      if (frame.type === 'push') {
        this.pushes.push(frame.commands)
        this.story.push(`push ${frame.commands.map(({ seq }) => seq).join(',')}`)
        if (!this.takes) return
        const expected = this.lastClientSeq + 1
        if ((frame.commands[0]?.seq ?? 0) > expected) {
          socket.send(JSON.stringify({ type: 'error', error: refuse('sync.gap', { expected }) }))
          return socket.close(4000)
        }
        this.lastClientSeq = frame.commands.at(-1)?.seq ?? this.lastClientSeq
        this.version += 1
        const results = frame.commands.flatMap(({ seq }) => {
          const refusal = this.refusals.get(seq)
          return refusal ? [{ seq, refusal }] : []
        })
        this.#send(socket, { ...this.patch(), results })
      }
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const body = await bodyOf(request)
    if (this.failure) return send(response, this.failure)
    switch (`${request.method} ${url.pathname.split('/').slice(0, 3).join('/')}`) {
      case 'POST /auth/sign-in': {
        const isRight = JSON.parse(String(body)).password === this.password
        return send(response, isRight ? { status: 200, body: this.#session() } : refusing(refuse('signIn.wrong', {})))
      }
      case 'POST /auth/refresh': {
        this.story.push('refresh')
        if (this.hangs) return
        if (this.refreshRefusal) return send(response, refusing(this.refreshRefusal))
        const isRight = JSON.parse(String(body)).refreshToken === this.refreshToken
        return send(
          response,
          isRight ? { status: 200, body: this.#session() } : refusing(refuse('session.expired', {})),
        )
      }
      case 'GET /sync/snapshot': {
        this.snapshotQueries.push(url.search)
        this.story.push('snapshot')
        const after = url.searchParams.get('after')
        const from = this.snapshotLines.findIndex((line) => line.type === 'conversations' && line.last === after)
        const lines =
          after === null
            ? this.snapshotLines
            : [...this.snapshotLines.slice(0, 3), ...this.snapshotLines.slice(from + 1)]
        response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        if (this.snapshotFile) return pipeline(createReadStream(this.snapshotFile), response)
        for (const [at, line] of lines.entries()) {
          if (at >= this.cutSnapshotAfter) {
            this.cutSnapshotAfter = Number.POSITIVE_INFINITY
            // What was written has to be out before the cut.
            await new Promise((resolve) => response.write(' ', resolve))
            return void response.destroy()
          }
          response.write(`${JSON.stringify(line)}\n`)
        }
        response.end()
        this.wantsSnapshot = false
        return
      }
      case `PUT /attachments/${url.pathname.split('/')[2]}`: {
        const attachmentId = url.pathname.split('/')[2]
        this.story.push(`upload ${attachmentId}`)
        if (this.uploadRefusal) return send(response, refusing(this.uploadRefusal))
        const info = {
          attachmentId,
          name: url.searchParams.get('name'),
          mime: request.headers['content-type'],
          size: body.length,
        }
        return send(response, { status: 200, body: info })
      }
      case `GET /conversations/${url.pathname.split('/')[2]}`: {
        const before = Number(url.searchParams.get('before') ?? Number.MAX_SAFE_INTEGER)
        const limit = Number(url.searchParams.get('limit'))
        const messages = this.older.filter(({ ordinal }) => ordinal < before).slice(-limit)
        this.story.push(`older ${before}`)
        return send(response, { status: 200, body: { messages } })
      }
      case `GET /attachments/${url.pathname.split('/')[2]}`:
        this.story.push(`download ${url.pathname.split('/')[2]}`)
        if (!this.file) return send(response, refusing(refuse('attachment.missing', { name: '' })))
        response.writeHead(200, {
          'content-type': 'image/png',
          'content-disposition': "inline; filename*=UTF-8''%E8%8C%B6.png",
        })
        return void response.end(this.file)
      default: {
        const asked = `${request.method} ${url.pathname}`
        const token = request.headers.authorization ?? ''
        this.asked.push({ request: asked, token, body: body.length > 0 ? JSON.parse(String(body)) : undefined })
        return send(response, this.answers.get(asked) ?? refusing(refuse('request.notFound', {})))
      }
    }
  }

  #session(): Session {
    this.#tokens += 1
    this.refreshToken = `refresh-token-number-${String(this.#tokens).padStart(4, '0')}`
    return {
      teamId: TeamId.parse('team'),
      member: this.member,
      clientId: `client-of-${this.member.id}`,
      lastClientSeq: this.lastClientSeq,
      accessToken: `access-${this.#tokens}`,
      accessExpiresAt: Date.now() + this.accessLife,
      refreshToken: this.refreshToken,
      storeKey: this.storeKey,
      hubTime: Date.now(),
    }
  }
}

function refusing(error: Refusal): Answer {
  return { status: 409, body: { error } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}
