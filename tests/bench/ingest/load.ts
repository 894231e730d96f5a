/**
 * Posts ready-made requests over some connections that stay open, one after the other on each. It does as little as can
 * be done: on two cores whatever the load costs is taken from what is measured.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'

/**
 * Resolves when every request has been answered with 200.
 * @throws for any other answer, and when a connection breaks
 */
export async function post(url: URL, requests: readonly Buffer[], connections: number): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(url.port), url.hostname)
      socket.setNoDelay(true)
      try {
        for (;;) {
          const request = requests[next++]
          if (!request) return
          await answerTo(socket, request)
        }
      } finally {
        socket.destroy()
      }
    }),
  )
}

function answerTo(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let held = ''
    const end = (error?: Error) => {
      socket.off('data', take).off('error', end).off('close', closed)
      if (error) reject(error)
      else resolve()
    }
    const closed = () => end(new Error('a connection was closed'))
    const take = (data: Buffer) => {
      held += data.toString('latin1')
      const isWhole = wholeAnswer(held)
      if (!isWhole) return
      if (held.startsWith('HTTP/1.1 200 ')) end()
      else end(new Error(`a call was answered with ${held.slice(0, 200)}`))
    }
    socket.on('data', take).on('error', end).on('close', closed)
    socket.write(request)
  })
}

function wholeAnswer(held: string): boolean {
  const head = held.indexOf(HEAD_END)
  if (head < 0) return false
  const body = held.slice(head + HEAD_END.length)
  if (/^transfer-encoding: chunked\r?$/im.test(held.slice(0, head + 2))) return body.endsWith(`0${HEAD_END}`)
  const length = /^content-length: (\d+)\r?$/im.exec(held.slice(0, head + 2))
  return body.length >= Number(length?.[1] ?? 0)
}
