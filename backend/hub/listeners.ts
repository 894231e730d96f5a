/** Who wants to be told of something that happened. */
import type { Logger } from 'pino'

export class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<(...args: A) => void>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  /** @returns the function that takes it off again */
  add(listener: (...args: A) => void): () => void {
    const own = (...args: A) => listener(...args)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** What is told has happened: a listener that fails changes nothing about it, nor for the others. */
  tell(...args: A): void {
    for (const listener of this.#listeners) {
      try {
        listener(...args)
      } catch (error) {
        this.#log.error({ err: traceOf(error) }, 'a listener failed')
      }
    }
  }
}

/** What a log may hold of an error: a database's message can quote what was written, its code and place cannot. */
export function traceOf(error: unknown): { type: string; code: unknown; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, code: null, stack: '' }
  const code: unknown = Object.getOwnPropertyDescriptor(error, 'code')?.value ?? null
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { type: error.name, code, stack: frames.join('\n') }
}
