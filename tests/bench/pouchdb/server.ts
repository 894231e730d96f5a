/**
 * A process that is an express-pouchdb server with the rows of a snapshot as documents: `server.ts SNAPSHOT FOLDER`.
 * Everything is on the disk, in LevelDB, which is what PouchDB keeps to on Node.
 */
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SnapshotLine } from '../../../backend/sync/protocol.ts'
import { endWithStarter } from '../child.ts'
import { loadPouch } from './pouchdb.ts'

const [snapshot = '', folder = ''] = process.argv.slice(2)
const { PouchDB, express, expressPouchDB } = loadPouch()
const Stored = PouchDB.defaults({ prefix: `${folder}/` })
const db = new Stored('team')
for await (const text of createInterface({ input: createReadStream(snapshot) })) {
  const line = SnapshotLine.parse(JSON.parse(text))
  if (!('rows' in line)) continue
  const docs = line.rows.map(([table, { id, ...fields }]) => ({ _id: `${table}:${id}`, ...fields }))
  const answers = await db.bulkDocs(docs)
  if (answers.some(({ error }) => error)) throw new Error('a document was not stored')
}
const app = express()
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log.txt') }
app.use('/', expressPouchDB(Stored, options))
const server = createServer(app)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  endWithStarter()
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${address.port}` })}\n`)
})
