/** A process with the native modules of a workstation's backend loaded, and nothing else. */
import '@node-rs/argon2'
import 'better-sqlite3'
import { endWithStarter } from '../child.ts'

endWithStarter()
process.stdout.write(`${JSON.stringify({ ready: true, url: 'none' })}\n`)
