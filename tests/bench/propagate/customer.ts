/** A customer at the shop's web chat, as its page talks to the hub. */
import { v7 as newId } from 'uuid'
import { WebSocket } from 'ws'

export class Customer {
  readonly #socket: WebSocket
  readonly #accepted = new Map<string, () => void>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const answer = JSON.parse(data.toString())
      if (answer.type === 'error' || answer.type === 'refused')
        throw new Error(`the web chat refused: ${data.toString()}`)
      if (answer.type === 'accepted') this.#accepted.get(answer.id)?.()
    })
  }

  /** Somebody new comes to the page at this address. */
  static async come(page: string): Promise<Customer> {
    const answer = await fetch(`${page}/visitor`, { method: 'POST', headers: { origin: new URL(page).origin } })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0]
    if (!answer.ok || !cookie) throw new Error(`the page gave no cookie: ${answer.status}`)
    const { origin, pathname } = new URL(page)
    const address = `${origin.replace('http', 'ws')}/chat/socket?channel=${pathname.split('/').at(-1)}`
    const socket = new WebSocket(address, { headers: { cookie, origin }, perMessageDeflate: false })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    socket.send(JSON.stringify({ type: 'hello', after: 0 }))
    return new Customer(socket)
  }

  /** Sends a text. `accepted` settles when the hub has committed it. */
  write(text: string): { id: string; accepted: Promise<void> } {
    const id = newId()
    const accepted = new Promise<void>((resolve) => this.#accepted.set(id, resolve))
    this.#socket.send(JSON.stringify({ type: 'send', id, content: { kind: 'text', text } }))
    return { id, accepted }
  }

  leave(): void {
    this.#socket.close()
  }
}
