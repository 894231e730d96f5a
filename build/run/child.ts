/** A process that this project starts and is answerable for: waited for until ready, logged, and always ended. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** Milliseconds that a process has to end by itself before it is killed. */
const PATIENCE = 5000

export type ChildSettings = {
  name: string
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Where its standard output and error go, whole. */
  log: string
}

export class Child {
  readonly name: string
  /** Settles when the process has ended, with what it ended by. */
  readonly ended: Promise<string>
  readonly #process: ChildProcess
  readonly #ready: Promise<unknown>
  #tail: string[] = []

  /** Starts it in a process group of its own, so that Ctrl-C reaches it through us alone, in our order. */
  constructor({ name, command, args, env, log }: ChildSettings) {
    this.name = name
    mkdirSync(dirname(log), { recursive: true })
    const file = createWriteStream(log, { flags: 'a' })
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32' })
    this.#process = child
    this.ended = new Promise((ended) => {
      child.on('error', (error) => ended(`could not be started: ${error.message}`))
      child.on('close', (code, signal) => {
        file.end()
        ended(signal ? `ended by ${signal}` : `ended with code ${code}`)
      })
    })
    // It may close its end while we still hold ours open; that is its way of ending.
    child.stdin.on('error', (error) => file.write(`stdin: ${error.message}\n`))
    child.stderr.on('data', (chunk: Buffer) => {
      file.write(chunk)
      this.#tail = [...this.#tail, ...chunk.toString().split('\n')].filter((line) => line !== '').slice(-12)
    })
    this.#ready = new Promise((ready, failed) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const message = parsed(line)
        // It names the demo team's passwords, and a log keeps no secret.
        if (isReady(message)) return ready(message)
        file.write(`${line}\n`)
        this.#tail = [...this.#tail, line].slice(-12)
      })
      void this.ended.then((how) =>
        failed(new Error(`${name} ${how} before it was ready.\n${this.#tail.join('\n')}\nIts log: ${log}`)),
      )
    })
    // Nobody may be waiting yet when it fails; whoever waits later still gets the failure.
    this.#ready.catch((error: Error) => file.destroyed || file.write(`${error.message}\n`))
  }

  /**
   * Waits for the line of JSON with `"ready": true` on its standard output.
   *
   * @throws when the process ends first, or after `patience` ms.
   */
  async ready(patience: number): Promise<unknown> {
    const timer = AbortSignal.timeout(patience)
    const late = new Promise<never>((_, failed) => {
      timer.addEventListener(
        'abort',
        () => failed(new Error(`${this.name} was not ready after ${patience / 1000} s.`)),
        { once: true },
      )
    })
    return Promise.race([this.#ready, late])
  }

  /** Asks it to end, kills it when it has not after 5 s, and returns when it is gone. */
  async stop(): Promise<void> {
    if (this.#process.pid === undefined) return
    this.#process.stdin?.end()
    this.#process.kill('SIGTERM')
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE)
    await this.ended
    clearTimeout(kill)
  }
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch (error) {
    // A log line that happens to begin like JSON: not the ready line, and kept in the log as it is.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true
}
