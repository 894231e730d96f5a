/**
 * Runs a hub alone: `node backend/hub/main.ts [--home DIR] [--port N]`.
 *
 * | variable | meaning |
 * |---|---|
 * | `DATABASE_URL` | a PostgreSQL server; without it the hub embeds its own in the home folder |
 * | `COUNTERTOP_ATTACHMENTS` | the folder of the attachments, for several hubs on one server; without it one in the home folder |
 * | `COUNTERTOP_HUB_SECRET` | at least 32 bytes, base64 or hex; without it one is made and kept in the home folder |
 * | `COUNTERTOP_HOST` | the address to listen on; 127.0.0.1 by default |
 * | `COUNTERTOP_TRUST_PROXY=1` | one proxy stands in front and says where requests come from |
 * | `COUNTERTOP_PUBLIC_URL` | where platforms and customers find the hub, such as `https://hub.shop.example`; by default where it listens |
 * | `COUNTERTOP_LINE_API`, `COUNTERTOP_LINE_DATA_API`, `COUNTERTOP_GRAPH_API` | other addresses of LINE and WhatsApp, for their stand-ins |
 * | `COUNTERTOP_METRICS_TOKEN` | what `/metrics` wants as bearer token; without it only a hub on loopback, behind no proxy, answers there |
 * | `COUNTERTOP_LOG`, `COUNTERTOP_LOG_FILE` | level (`info`), and a file instead of standard error |
 * | `COUNTERTOP_DEMO=1` | makes the demo team when it is not there, and connects it to the stand-ins that have addresses |
 * | `COUNTERTOP_DEMO_TOKEN` | what `/demo` wants as bearer token, by which the stand-ins' customers are played; only on loopback |
 * | `COUNTERTOP_CHILD=1` | ends when standard input ends, so that it does not outlive who started it |
 *
 * When it is ready it prints one line of JSON on standard output.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { StartError } from '../home/start-error.ts'
import { startHub } from './hub.ts'
import type { RunningHub } from './hub.ts'
import { createLog } from './observability/log.ts'

/** How long an orderly end may take, in ms. */
const END_WITHIN = 10_000

const { env } = process
const log = createLog(
  env['COUNTERTOP_LOG'] || 'info',
  pino.destination(env['COUNTERTOP_LOG_FILE'] ? { dest: env['COUNTERTOP_LOG_FILE'], mkdir: true } : 2),
)

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the hub failed')
  process.exit(1)
})

const starting = start()
endWith(starting)
try {
  const { url, webchat, accounts } = await starting
  process.stdout.write(`${JSON.stringify({ ready: true, url, webchat, accounts })}\n`)
} catch (error) {
  log.fatal({ err: error }, error instanceof StartError ? error.message : 'the hub did not start')
  process.exit(1)
}

async function start(): Promise<RunningHub> {
  const { home, port } = readArguments()
  return startHub({
    home,
    port,
    host: env['COUNTERTOP_HOST'] || '127.0.0.1',
    databaseUrl: env['DATABASE_URL'] || null,
    attachments: env['COUNTERTOP_ATTACHMENTS'] ? resolve(env['COUNTERTOP_ATTACHMENTS']) : null,
    secret: env['COUNTERTOP_HUB_SECRET'] || null,
    metricsToken: env['COUNTERTOP_METRICS_TOKEN'] || null,
    trustProxy: env['COUNTERTOP_TRUST_PROXY'] === '1',
    publicUrl: env['COUNTERTOP_PUBLIC_URL']?.replace(/\/+$/, '') || null,
    addresses: given({
      line: env['COUNTERTOP_LINE_API'],
      lineData: env['COUNTERTOP_LINE_DATA_API'],
      graph: env['COUNTERTOP_GRAPH_API'],
    }),
    demo: env['COUNTERTOP_DEMO'] === '1',
    demoToken: env['COUNTERTOP_DEMO_TOKEN'] || null,
    log,
  })
}

/** Only what is set. */
function given(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

function readArguments(): { home: string; port: number } {
  const { values } = parseArgs({
    options: {
      home: { type: 'string', default: env['COUNTERTOP_HOME'] || join(homedir(), '.countertop', 'hub') },
      port: { type: 'string', default: '4680' },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new StartError('--port wants a number up to 65535')
  return { home: resolve(values.home), port }
}

/** Ends, once it has started, on a signal or with who started it: sockets are closed, jobs under way finished, the database shut. */
function endWith(hub: Promise<RunningHub>): void {
  let ending = false
  const end = (why: string) => {
    if (ending) return
    ending = true
    log.info({ why }, 'the hub ends')
    setTimeout(() => {
      log.error('the hub took too long to end')
      process.exit(1)
    }, END_WITHIN).unref()
    hub
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the hub did not end well')
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
  if (env['COUNTERTOP_CHILD'] === '1') {
    process.stdin.on('end', () => end('standard input ended'))
    process.stdin.on('error', () => end('standard input broke'))
    process.stdin.resume()
  }
}
