/**
 * Starts the workstation's backend: `main.ts --hub URL --home DIR [--port N]`. One line of JSON on stdout says when it
 * is ready. It runs in Electron's utility process, and as a plain Node process for development and browser mode.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { lockHome } from '../home/home-lock.ts'
import { StartError } from '../home/start-error.ts'
import { startServer } from './server.ts'
import { openStore } from './session/store-file.ts'
import { ShellLink, jsonLines, utilityPort } from './shell-link.ts'
import { CHILD_FLAG, RENDERER_FOLDER, SHELL_FLAG } from './shell.ts'
import { LocalWorkstation } from './workstation.ts'

const log = pino(
  { name: 'workstation', level: process.env['COUNTERTOP_LOG'] ?? 'info' },
  pino.destination({ dest: 2, sync: true }),
)
/** How long an orderly end may take, in ms. */
const CLOSE_PATIENCE = 5_000

async function main(): Promise<void> {
  const options = readOptions()
  const port = utilityPort()
  const line = port ?? jsonLines(process.stdin, process.stdout)
  const inShell = process.env[SHELL_FLAG] === '1'
  const isChild = process.env[CHILD_FLAG] === '1'
  const link = inShell || isChild ? new ShellLink(line, log, inShell) : null
  const first = inShell ? await link?.first : null
  if (inShell && !first) throw new Error('the shell sent no window secret')

  const letGo = lockHome(options.home, 'workstation')
  const workstation = await LocalWorkstation.open({
    ...options,
    openStore,
    keychain: first?.keychain && link ? link.keychain() : null,
    log,
  })
  const server = await startServer({
    workstation,
    windowSecret: first?.windowSecret ?? null,
    renderer: process.env[RENDERER_FOLDER] ?? fileURLToPath(new URL('../../out/renderer', import.meta.url)),
    port: options.port,
    log,
  })

  let ending = false
  const end = (why: string) => {
    if (ending) return
    ending = true
    log.info({ why }, 'closing')
    setTimeout(() => process.exit(1), CLOSE_PATIENCE).unref()
    Promise.all([server.close(), workstation.close()])
      .then(letGo)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the workstation did not close cleanly')
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
  link?.handle({
    onClose: () => end('the shell asked for it'),
    onWake: () => workstation.wake(),
    onLock: () => void workstation.lock(),
    onEnd: () => {
      if (isChild) end('whoever started it is gone')
    },
  })

  const ready = { ready: true, url: server.url } as const
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  port?.send(ready)
  log.info({ port: server.port, shell: inShell }, 'ready')
}

function readOptions(): { hub: string; home: string; port: number } {
  const { values } = parseArgs({
    options: { hub: { type: 'string' }, home: { type: 'string' }, port: { type: 'string', default: '0' } },
  })
  const { hub, home } = values
  const port = Number(values.port)
  if (hub === undefined || home === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error('usage: main.ts --hub URL --home DIR [--port N]')
  }
  if (!/^https?:$/.test(URL.parse(hub)?.protocol ?? '')) throw new Error('--hub is the http or https address of a hub')
  return { hub, home, port }
}

process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'the workstation cannot go on')
  process.exit(1)
})

main().catch((error: unknown) => {
  log.fatal({ err: error }, error instanceof StartError ? error.message : 'the workstation did not start')
  process.exit(1)
})
