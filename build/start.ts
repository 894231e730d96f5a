/**
 * `npm start`: the demo hub, the sandbox where its customers are played, and a workstation, in a window, a browser, or neither (`--headless`). Whatever
 * way this process ends, what it started ends with it.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Child } from './run/child.ts'
import { dataFolder, outFolder, root } from './run/paths.ts'
import { choosePort, rememberPorts, rememberedPorts } from './run/port.ts'
import { buildIfStale } from './run/stale.ts'
import { appElectron, hasDisplay } from './setup/electron.ts'

/** Milliseconds. The first start of a hub fills it with the demo team. */
const HUB_PATIENCE = 180_000
const WORKSTATION_PATIENCE = 60_000
const SANDBOX_PATIENCE = 30_000

const HubReady = z.object({
  url: z.url(),
  webchat: z.url(),
  accounts: z.array(z.object({ email: z.string(), password: z.string(), role: z.string(), name: z.string() })),
})
const WorkstationReady = z.object({ url: z.url() })
const SandboxReady = z.object({
  url: z.url(),
  addresses: z.object({ line: z.url(), lineData: z.url(), graph: z.url(), publicUrl: z.url() }),
})
type SandboxReady = z.infer<typeof SandboxReady>

const { values } = parseArgs({
  options: { headless: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const home = resolve(dataFolder())
const logs = join(home, 'logs')
const started: Child[] = []
let stopping: Promise<void> | undefined

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Ends everything, the last started first, once. */
function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    for (const child of started.toReversed()) await child.stop()
    process.exit(code)
  })()
  return stopping
}

function start(name: string, command: string, args: readonly string[], env: Record<string, string>): Child {
  if (stopping) throw new Error('Stopped while starting.')
  const child = new Child({ name, command, args, env: { ...process.env, ...env }, log: join(logs, `${name}.log`) })
  started.push(child)
  return child
}

/** The stand-ins of LINE and WhatsApp, which the hub is started with. Everything else goes on without it when it ends. */
async function startSandbox(port: number, hubPort: number, token: string): Promise<SandboxReady> {
  const args = ['tests/fakes/sandbox/main.ts', '--hub', `http://127.0.0.1:${hubPort}`, '--port', String(port)]
  const env = { COUNTERTOP_CHILD: '1', COUNTERTOP_DEMO_TOKEN: token }
  const sandbox = start('sandbox', process.execPath, args, env)
  const ready = SandboxReady.parse(await sandbox.ready(SANDBOX_PATIENCE))
  void sandbox.ended.then((how) => {
    if (!stopping) say(`The sandbox ${how}: LINE and WhatsApp are out of reach. Logs: ${logs}`)
  })
  return ready
}

async function startHub(port: number, sandbox: SandboxReady, token: string): Promise<z.infer<typeof HubReady>> {
  const folder = join(home, 'hub')
  const { line, lineData, graph, publicUrl } = sandbox.addresses
  const hub = start('hub', process.execPath, ['backend/hub/main.ts', '--home', folder, '--port', String(port)], {
    COUNTERTOP_CHILD: '1',
    COUNTERTOP_DEMO: '1',
    COUNTERTOP_DEMO_TOKEN: token,
    COUNTERTOP_HOME: folder,
    COUNTERTOP_HUB_PORT: String(port),
    COUNTERTOP_LINE_API: line,
    COUNTERTOP_LINE_DATA_API: lineData,
    COUNTERTOP_GRAPH_API: graph,
    COUNTERTOP_PUBLIC_URL: publicUrl,
  })
  const ready = HubReady.parse(await hub.ready(HUB_PATIENCE))
  endWith(hub)
  return ready
}

/** The rest is of no use without this one: when it ends, everything does. */
function endWith(child: Child): void {
  void child.ended.then((how) => {
    if (!stopping) say(`${child.name} ${how}. Logs: ${logs}`)
    return stop(1)
  })
}

function workstationSettings(hub: string, port: number) {
  const args = ['--hub', hub, '--home', join(home, 'workstation'), '--port', String(port)]
  return { entry: join(root, 'backend/workstation/main.ts'), args, renderer: join(outFolder, 'renderer') }
}

async function startBrowserMode(hub: string, port: number): Promise<string> {
  const { entry, args, renderer } = workstationSettings(hub, port)
  const env = { COUNTERTOP_CHILD: '1', COUNTERTOP_RENDERER: renderer }
  const workstation = start('workstation', process.execPath, [entry, ...args], env)
  const { url } = WorkstationReady.parse(await workstation.ready(WORKSTATION_PATIENCE))
  endWith(workstation)
  return url
}

/** Starts the shell, which starts its own backend. Answers null when there is no Electron or no display. */
async function startWindow(hub: string, port: number): Promise<string | null> {
  if (!hasDisplay()) return null
  const electron = await appElectron(say)
  if (!electron) return null
  const { entry, args, renderer } = workstationSettings(hub, port)
  const shell = start('shell', electron, [root], {
    COUNTERTOP_CHILD: '1',
    COUNTERTOP_BACKEND_NODE: process.execPath,
    COUNTERTOP_BACKEND_ENTRY: entry,
    COUNTERTOP_BACKEND_ARGS: JSON.stringify(args),
    COUNTERTOP_RENDERER: renderer,
    COUNTERTOP_HOME: home,
  })
  try {
    const { url } = WorkstationReady.parse(await shell.ready(WORKSTATION_PATIENCE))
    void shell.ended.then(() => stop(0))
    return url
  } catch (error) {
    if (stopping) throw error
    say(
      `The window could not be opened, so the workstation opens in a browser. ${error instanceof Error ? error.message : String(error)}`,
    )
    await shell.stop()
    return null
  }
}

/** Shows the address in the user's browser; there may be none, and the address is printed anyway. */
function openBrowser(url: string): void {
  if (!hasDisplay()) return
  const [command, ...args]: [string, ...string[]] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url]
  const opener = spawn(command, args, { stdio: 'ignore', detached: true })
  opener.on('error', (error) => say(`No browser was opened: ${error.message}`))
  opener.unref()
}

async function choosePorts() {
  const file = join(home, 'ports.json')
  const last = rememberedPorts(file)
  const { COUNTERTOP_HUB_PORT, COUNTERTOP_WORKSTATION_PORT, COUNTERTOP_SANDBOX_PORT } = process.env
  // Without a window several may run side by side, each in its own home.
  const usual = values.headless ? {} : { hub: 4870, workstation: 4871, sandbox: 4872 }
  const hub = await choosePort(COUNTERTOP_HUB_PORT, [last.hub, usual.hub])
  const workstation = await choosePort(COUNTERTOP_WORKSTATION_PORT, [last.workstation, usual.workstation])
  const sandbox = await choosePort(COUNTERTOP_SANDBOX_PORT, [last.sandbox, usual.sandbox])
  rememberPorts(file, { hub, workstation, sandbox })
  return { hub, workstation, sandbox }
}

/** The window, or browser mode; the hub may still be on its way. */
async function startWorkstation(hub: string, port: number): Promise<{ url: string; inWindow: boolean }> {
  // A window shows the page at once; in browser mode it is built while the backend starts.
  if (!values.headless) await buildIfStale(say)
  const inWindow = values.headless ? null : await startWindow(hub, port)
  if (inWindow !== null) return { url: inWindow, inWindow: true }
  const [url] = await Promise.all([startBrowserMode(hub, port), buildIfStale(say)])
  return { url, inWindow: false }
}

async function main(): Promise<void> {
  mkdirSync(logs, { recursive: true })
  const ports = await choosePorts()
  const token = randomBytes(32).toString('base64url')
  const [[sandbox, hub], workstation] = await Promise.all([
    startSandbox(ports.sandbox, ports.hub, token).then(
      async (ready) => [ready, await startHub(ports.hub, ready, token)] as const,
    ),
    startWorkstation(`http://127.0.0.1:${ports.hub}`, ports.workstation),
  ])
  if (values.json) {
    const { url, webchat, accounts } = hub
    process.stdout.write(
      `${JSON.stringify({ hub: url, workstation: workstation.url, webchat, sandbox: sandbox.url, accounts })}\n`,
    )
  } else {
    process.stdout.write(addresses(hub, workstation.url, sandbox.url))
  }
  if (!values.headless && !workstation.inWindow) openBrowser(workstation.url)
}

function addresses(hub: z.infer<typeof HubReady>, workstation: string, sandbox: string): string {
  const accounts = hub.accounts.map(({ name, role, email, password }) => `    ${email}  ${password}  ${name} (${role})`)
  return [
    '',
    'Countertop 櫃檯',
    `  工作站 workstation   ${workstation}`,
    `  中樞 hub             ${hub.url}`,
    `  顧客網頁聊天 web chat ${hub.webchat}`,
    `  沙盒 sandbox         ${sandbox}  扮演 LINE 與 WhatsApp 的顧客`,
    '  帳號 accounts',
    ...accounts,
    `  紀錄 logs            ${logs}`,
    '  按 Ctrl-C 結束。Ctrl-C stops everything.',
    '',
  ].join('\n')
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
process.on('disconnect', () => void stop(1))
process.channel?.unref()

main().catch((error: unknown) => {
  if (!stopping) say(error instanceof Error ? error.message : String(error))
  return stop(1)
})
