/** A window of a workstation without a screen: its requests, and the socket that tells what went stale. */
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { LiveEvent } from '../../backend/workstation/views.ts'

export class LocalApi {
  readonly #url: string
  /** One connection that stays open, as a browser keeps it. */
  readonly #agent = new Agent({ keepAlive: true })
  #cookie = ''

  constructor(url: string) {
    this.#url = url
  }

  /** Signs in; resolves when everything is on the device. */
  async signIn(email: string, password: string): Promise<void> {
    await this.get('/api/state')
    const synced = this.#online()
    await this.#ask('/api/sign-in', 'POST', JSON.stringify({ email, password }))
    await synced
  }

  /** @throws for any answer but 200 */
  async get(path: string): Promise<unknown> {
    return this.#ask(path, 'GET')
  }

  /** Opens the socket that tells what went stale. Whoever opens it closes it. */
  async live(tell: (event: LiveEvent) => void): Promise<WebSocket> {
    const headers = { cookie: this.#cookie, origin: this.#url }
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/api/live`, { headers, perMessageDeflate: false })
    socket.on('message', (data) => tell(JSON.parse(data.toString())))
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return socket
  }

  async #online(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = await this.live((event) => {
      if (event.type === 'state' && event.state.connection.state === 'online') resolve()
    })
    await promise
    socket.close()
  }

  #ask(path: string, method: 'GET' | 'POST', body = ''): Promise<unknown> {
    const headers = { origin: this.#url, cookie: this.#cookie, 'content-type': 'application/json' }
    return new Promise((resolve, reject) => {
      const asked = request(this.#url + path, { agent: this.#agent, method, headers }, (answer) => {
        const given = answer.headers['set-cookie']?.[0]
        if (given) this.#cookie = given.split(';')[0] ?? ''
        if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}`))
        json(answer).then(resolve, reject)
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }
}
