/** HTTP as a client that keeps no rule: any method, path, header and body, whole or in raw bytes. */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

export type HttpAnswer = {
  method: string
  /** Null when the connection ended without an answer. */
  status: number | null
  headers: Record<string, string | string[] | undefined>
  text: string
  failure: string
}

export type HttpRequest = {
  url: string
  method: string
  /** Sent as it is, badly encoded or not. */
  path: string
  headers: Record<string, string | string[]>
  body: Buffer | null
}

/** How long an answer may take, in ms. */
const ANSWER_WITHIN = 20_000
const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 64 })

/** Sends a request that Node's client is willing to make; what it refuses to make goes over {@link askRaw}. */
export function ask({ url, method, path, headers, body }: HttpRequest, once = false): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const failed = (failure: string) => resolve({ method, status: null, headers: {}, text: '', failure })
    const asked = request({ hostname, port, method, path, headers, setHost: false, agent: once ? false : agent })
    asked.setTimeout(ANSWER_WITHIN, () => asked.destroy(new Error('no answer in time')))
    asked.on('error', (error) => {
      // A connection that was kept and that the other end has just given up says nothing about the request.
      const stale = asked.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (stale && !once) resolve(ask({ url, method, path, headers, body }, true))
      else failed(error.message)
    })
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error) => failed(error.message))
      response.on('end', () => {
        const { statusCode = 0, headers: answered } = response
        resolve({ method, status: statusCode, headers: answered, text: Buffer.concat(chunks).toString(), failure: '' })
      })
    })
    asked.end(body ?? undefined)
  })
}

/** How a raw request goes on after its bytes. */
export type RawEnd = 'wait' | 'half-close' | 'reset'

/** Writes bytes to a fresh connection and gives back what came of it within `patience` ms. */
export function askRaw(url: string, pieces: readonly Buffer[], end: RawEnd, patience: number): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(piece)
      if (end === 'half-close') socket.end()
      // As soon as it has been read, which is when it is about to be answered.
      if (end === 'reset') setImmediate(() => socket.resetAndDestroy())
    })
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      // One answer is enough: what follows belongs to what we did not ask.
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) socket.destroy()
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parseAnswer(Buffer.concat(chunks).toString()))
    })
  })
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, head))?.[1]
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= head + 4 + Number(length)
}

function parseAnswer(text: string): HttpAnswer {
  const head = text.indexOf('\r\n\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
  const none = { method: 'RAW', headers: {}, failure: 'no answer' }
  if (status === undefined || head < 0) return { ...none, status: null, text: '' }
  const chunked = /^transfer-encoding: *chunked/im.test(text.slice(0, head))
  const body = text.slice(head + 4)
  return { ...none, status: Number(status), text: chunked ? unchunked(body) : body, failure: '' }
}

function unchunked(body: string): string {
  return body.replace(/^[0-9a-f]+\r\n/i, '').replace(/\r\n[0-9a-f]+\r\n(\r\n)?/gi, '')
}

/** Lets go of the connections that are kept. */
export function closeKept(): void {
  agent.destroy()
}
