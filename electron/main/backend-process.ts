/**
 * One running backend, behind the same few functions whether it is a utility process of a current Electron (packaged) or
 * a plain Node 24 process (development, tests, and Electrons with an older Node inside).
 */
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { createInterface } from 'node:readline'
import { utilityProcess } from 'electron'
import { BackendMessage, CHILD_FLAG, SHELL_FLAG } from '../../backend/workstation/shell.ts'
import type { FirstMessage, ShellMessage } from '../../backend/workstation/shell.ts'

export interface BackendProcess {
  readonly pid: number | undefined
  /** Never throws: to a process that has ended it says nothing. */
  send(message: FirstMessage | ShellMessage): void
  kill(): void
}

export type BackendStart = {
  entry: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** The Node that runs it; null for a utility process. */
  node: string | null
  log: Writable
  onMessage: (message: BackendMessage) => void
  /** Called once, when it has ended or could not be started. */
  onEnd: (how: string) => void
}

export function startBackend(start: BackendStart): BackendProcess {
  return start.node === null ? startUtility(start) : startPlain(start, start.node)
}

function startUtility({ entry, args, env, log, onMessage, onEnd }: BackendStart): BackendProcess {
  const child = utilityProcess.fork(entry, [...args], {
    env: { ...env, [SHELL_FLAG]: '1' },
    stdio: 'pipe',
    serviceName: 'Countertop backend',
  })
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  child.on('message', (value: unknown) => {
    const message = BackendMessage.safeParse(value)
    if (message.success) onMessage(message.data)
    else log.write('shell: the backend said what is no message\n')
  })
  child.once('exit', (code) => onEnd(`ended with code ${code}`))
  return {
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    kill: () => void child.kill(),
  }
}

function startPlain({ entry, args, env, log, onMessage, onEnd }: BackendStart, node: string): BackendProcess {
  const child = spawn(node, [entry, ...args], {
    env: { ...env, [SHELL_FLAG]: '1', [CHILD_FLAG]: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let hasEnded = false
  const end = (how: string): void => {
    if (!hasEnded) onEnd(how)
    hasEnded = true
  }
  child.once('error', (error) => end(`could not be started: ${error.message}`))
  child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with code ${code}`))
  child.stdin.on('error', (error) => log.write(`shell: the backend does not listen: ${error.message}\n`))
  child.stderr.pipe(log, { end: false })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = messageIn(line)
    // What wraps keys is for us alone; anything else it prints is its log.
    if (message) onMessage(message)
    else log.write(`${line}\n`)
  })
  return {
    get pid() {
      return child.pid
    },
    send: (message) => {
      if (child.stdin.writable) child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function messageIn(line: string): BackendMessage | null {
  if (!line.startsWith('{')) return null
  try {
    return BackendMessage.safeParse(JSON.parse(line)).data ?? null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
