/** Real processes of ours for tests: started, waited for by their ready line, killed hard, started again. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { z } from 'zod'

const READY_WITHIN = 60_000

/** A running process and the address it serves. */
export class Process<R extends { url: string }> {
  readonly ready: R
  readonly #child: ChildProcess
  readonly #stderr: string[]

  private constructor(child: ChildProcess, ready: R, stderr: string[]) {
    this.#child = child
    this.ready = ready
    this.#stderr = stderr
  }

  /** Starts `node entry …args` and resolves when its ready line, checked by `schema`, is there. */
  static async start<R extends { url: string }>(
    entry: string,
    args: string[],
    env: Record<string, string>,
    schema: z.ZodType<R>,
    firstLine?: string,
  ): Promise<Process<R>> {
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, ...env, COUNTERTOP_CHILD: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    if (firstLine !== undefined) child.stdin.write(`${firstLine}\n`)
    const stderr: string[] = []
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk.toString()))
    const ready = await new Promise<R>((resolve, reject) => {
      const give = (why: string) => reject(new Error(`${entry} ${why}\n${stderr.join('').slice(-4_000)}`))
      const timer = setTimeout(() => give('was not ready in time'), READY_WITHIN)
      child.once('exit', (code, signal) => give(`ended early (${code ?? signal})`))
      createInterface({ input: child.stdout }).on('line', (line) => {
        const parsed = schema.safeParse(fromJson(line))
        if (!parsed.success) return
        clearTimeout(timer)
        resolve(parsed.data)
      })
    })
    return new Process(child, ready, stderr)
  }

  /** Starts it and kills it hard after `ms`, wherever it is by then. */
  static async startAndKill(entry: string, args: string[], env: Record<string, string>, ms: number): Promise<void> {
    const child = spawn(process.execPath, [entry, ...args], { env: { ...process.env, ...env }, stdio: 'ignore' })
    const gone = once(child, 'exit')
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    await gone
    clearTimeout(timer)
  }

  get url(): string {
    return this.ready.url
  }

  /** The operating system's number for it. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** How it ended; null while it runs. */
  get ended(): string | null {
    const { exitCode, signalCode } = this.#child
    return exitCode === null && signalCode === null ? null : `ended (${exitCode ?? signalCode})`
  }

  /** Everything it has written to its log so far. */
  get log(): string {
    return this.#stderr.join('')
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to end. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.ended !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    await gone
  }
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
