/** A process that is a hub with one prepared snapshot: `feed.ts SNAPSHOT`. */
import { endWithStarter } from '../child.ts'
import { startFeed } from '../stores.ts'

const hub = await startFeed(process.argv[2] ?? '')
endWithStarter()
process.stdout.write(`${JSON.stringify({ ready: true, url: hub.url })}\n`)
