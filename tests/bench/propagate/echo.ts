/** A process that sends back whatever comes over its WebSocket. */
import { WebSocketServer } from 'ws'
import { endWithStarter } from '../child.ts'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())))
server.on('listening', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  endWithStarter()
  process.stdout.write(`${JSON.stringify({ ready: true, url: `ws://127.0.0.1:${address.port}` })}\n`)
})
