/** What a fake platform was asked: every request in the order it came, with what is wrong with it, and never its bearer token. */
import type { Fault } from './faults.ts'

export type Call = {
  /** From 1, in the order of arrival. */
  n: number
  /** ms, by the fake's clock. */
  at: number
  method: string
  path: string
  query: Record<string, string>
  /** The few headers the platform's contract is about, in small letters. */
  headers: Record<string, string>
  /** Parsed as its content type says; of a file its name, type and size; undefined when there is none or it cannot be read. */
  body: unknown
  /** What was answered; null while it is under way, and for good when the connection broke before an answer. */
  status: number | null
  /** What the platform's contract has against the request; empty when it is valid. */
  problems: string[]
  /** The fault that was played on it. */
  fault: Fault | null
}

export class CallLog {
  readonly #calls: Call[] = []
  readonly #listeners = new Set<(call: Call) => void>()

  all(): readonly Call[] {
    return this.#calls
  }

  /** Those that no client of the platform should send. */
  invalid(): Call[] {
    return this.#calls.filter(({ problems }) => problems.length > 0)
  }

  /**
   * Calls back once for each request, when it has its answer or never will.
   * @returns ends it
   */
  on(listener: (call: Call) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  begin(call: Omit<Call, 'n' | 'status' | 'fault'>): Call {
    const begun: Call = { n: this.#calls.length + 1, ...call, status: null, fault: null }
    this.#calls.push(begun)
    return begun
  }

  end(call: Call, status: number | null): void {
    call.status = status
    for (const listener of this.#listeners) listener(call)
  }
}
