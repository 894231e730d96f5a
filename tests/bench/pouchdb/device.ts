/** One replication from the server into a new database on the disk: `device.ts URL FOLDER [BATCH]`. */
import { join } from 'node:path'
import { stopwatch } from '../statistics.ts'
import { loadPouch } from './pouchdb.ts'

const [url = '', folder = '', batch] = process.argv.slice(2)
const { PouchDB } = loadPouch()
const db = new PouchDB(join(folder, 'team'))
const taken = stopwatch()
const done = await db.replicate.from(`${url}/team`, ...(batch ? [{ batch_size: Number(batch) }] : []))
const cost = taken()
if (!done.ok || done.doc_write_failures > 0) throw new Error('the replication did not bring everything')
const { doc_count: documents } = await db.info()
await db.close()
process.stdout.write(`${JSON.stringify({ ...cost, documents })}\n`)
