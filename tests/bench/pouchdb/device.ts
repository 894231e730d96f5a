/**
 * One replication from the server into a new database on the disk, and the index by which a conversation's messages are
 * found: `device.ts URL FOLDER [BATCH]`.
 */
import { join } from 'node:path'
import { conversationIdOf } from '../corpus.ts'
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
// An index is built when it is first asked.
await db.createIndex({ index: { fields: ['conversationId', 'ordinal'] } })
const { docs } = await db.find({ selector: { conversationId: conversationIdOf(0), ordinal: { $gt: 0 } }, limit: 200 })
const indexed = taken().ms
if (docs.length === 0) throw new Error('the index found nothing')
await db.close()
process.stdout.write(`${JSON.stringify({ ...cost, indexed, documents })}\n`)
