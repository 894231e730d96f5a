/** Watches over the processes: that they live, what they log, and how much memory they hold. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Process } from '../world/process.ts'
import { parseJson } from './answers.ts'
import { HUB_SECRET } from './keys.ts'
import { isObject } from './mutate.ts'

/** Memory, in bytes, that a process may hold when everything has calmed down. */
const SETTLED_MAX = 512 * 1024 * 1024
/** How often memory is looked at, in ms. */
const EVERY = 1_000
const ERROR_LEVEL = 50
/** Words of the samples and of the inputs, tokens, passwords: none of them belongs into a log. */
const SECRETS = [/zq[a-z]/i, /eyJ[A-Za-z0-9_-]{10}/, /correct horse/, /@shop\.example/, new RegExp(escaped(HUB_SECRET))]

export type Memory = { first: number; peak: number; settled: number }

export class Watch {
  readonly name: string
  readonly memory: Memory
  readonly #process: Process<{ ready: true; url: string }>
  readonly #timer: NodeJS.Timeout
  #read = 0
  lines = 0

  constructor(name: string, process: Process<{ ready: true; url: string }>) {
    this.name = name
    this.#process = process
    const first = residentBytes(process.pid)
    this.memory = { first, peak: first, settled: first }
    this.#timer = setInterval(() => this.#look(), EVERY)
  }

  /** What was wrong since the last call. */
  check(): string[] {
    const problems: string[] = []
    if (this.#process.ended) problems.push(`${this.name} ${this.#process.ended}: ${this.#process.log.slice(-2_000)}`)
    const { log } = this.#process
    const end = log.lastIndexOf('\n') + 1
    const lines = log.slice(this.#read, end).split('\n').filter(Boolean)
    this.#read = end
    this.lines += lines.length
    for (const line of lines) {
      const value = parseJson(line)
      const isCalm = isObject(value) && typeof value['level'] === 'number' && value['level'] < ERROR_LEVEL
      if (!isCalm || /a listener failed|internal\.error|[Uu]nhandled/.test(line)) {
        problems.push(`${this.name} logged: ${line.slice(0, 1_500)}`)
      }
      const secret = SECRETS.find((one) => one.test(line))
      if (secret) problems.push(`${this.name} logged what it must not (${String(secret)}): ${line.slice(0, 500)}`)
    }
    return problems
  }

  /** Looks at the memory once more, when it has had time to be given back. */
  settle(): string[] {
    this.#look()
    const { settled } = this.memory
    return settled > SETTLED_MAX ? [`${this.name} holds ${Math.round(settled / 2 ** 20)} MiB after everything`] : []
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (this.#process.ended) return
    this.memory.settled = residentBytes(this.#process.pid)
    this.memory.peak = Math.max(this.memory.peak, this.memory.settled)
  }
}

/** What a process holds in memory, in bytes. */
function residentBytes(pid: number): number {
  try {
    if (process.platform === 'linux') {
      return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    }
    if (process.platform === 'win32') return 0
    return 1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
  } catch (error) {
    // It has ended meanwhile, which is told elsewhere.
    if (error instanceof Error) return 0
    throw error
  }
}

function escaped(text: string): string {
  return text.replace(/[^\w]/g, '\\$&')
}
