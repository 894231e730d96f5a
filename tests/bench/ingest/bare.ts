/**
 * The least that a webhook costs: a server of Node's own that checks LINE's signature and writes the body as one row, in a
 * transaction of its own, before it answers. `node bare.ts DATABASE_URL SECRET`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'
import { endWithStarter } from '../child.ts'

/** As many as the hub opens. */
const CONNECTIONS = 10
const INSERT = { name: 'webhook', text: 'INSERT INTO bench_webhook (body) VALUES ($1)' }

const [databaseUrl = '', secret = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS })
await pool.query('CREATE TABLE bench_webhook (n bigserial PRIMARY KEY, body json NOT NULL)')

const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const raw = Buffer.concat(pieces)
    const expected = createHmac('sha256', secret).update(raw).digest()
    const given = Buffer.from(String(request.headers['x-line-signature']), 'base64')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401).end()
      return
    }
    pool.query({ ...INSERT, values: [raw.toString()] }).then(
      () => response.writeHead(200).end(),
      () => response.writeHead(500).end(),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  endWithStarter()
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${address.port}/webhook` })}\n`)
})
