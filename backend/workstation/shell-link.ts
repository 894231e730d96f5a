/** The backend's end of the line to the shell: the same messages over a utility process's port or over stdin and stdout. */
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Logger } from 'pino'
import type { Keychain } from './session/vault.ts'
import { FirstMessage, ShellMessage } from './shell.ts'
import type { BackendMessage } from './shell.ts'

/** A line over which whole messages travel. */
export type Line = {
  send(message: BackendMessage): void
  /** Calls `listener` with each message, unchecked, and `onEnd` when no more can come. */
  receive(listener: (message: unknown) => void, onEnd: () => void): void
}

/** The port of an Electron utility process, or null anywhere else. */
export function utilityPort(): Line | null {
  const port: unknown = Reflect.get(process, 'parentPort')
  if (!isPort(port)) return null
  return {
    send: (message) => port.postMessage(message),
    receive: (listener) => void port.on('message', (event) => listener(event.data)),
  }
}

/** JSON lines over two streams. */
export function jsonLines(input: Readable, output: Writable): Line {
  return {
    send: (message) => void output.write(`${JSON.stringify(message)}\n`),
    receive(listener, onEnd) {
      const lines = createInterface({ input })
      lines.on('line', (line) => {
        if (line.trim() !== '') listener(parse(line))
      })
      lines.on('close', onEnd)
    },
  }
}

type Handlers = { onClose: () => void; onWake: () => void; onLock: () => void; onEnd: () => void }
const KEYCHAIN_PATIENCE = 10_000

/** Listens to the shell; what it says before {@link ShellLink.handle} is called waits. */
export class ShellLink {
  /** The first message, or null when the line ends without a proper one. */
  readonly first: Promise<FirstMessage | null>
  readonly #line: Line
  readonly #log: Logger
  readonly #asked = new Map<number, (value: string | null) => void>()
  readonly #early: ((handlers: Handlers) => void)[] = []
  #handlers: Handlers | null = null
  #lastId = 0

  /** @param expectsFirst whether the shell begins with the window secret */
  constructor(line: Line, log: Logger, expectsFirst: boolean) {
    this.#line = line
    this.#log = log
    this.first = new Promise((resolve) => {
      let isFirst = expectsFirst
      line.receive(
        (message) => {
          if (isFirst) {
            isFirst = false
            const checked = FirstMessage.safeParse(message)
            resolve(checked.success ? checked.data : null)
          } else this.#message(message)
        },
        () => {
          resolve(null)
          this.#do(({ onEnd }) => onEnd())
        },
      )
    })
  }

  /** From now on the shell's messages are acted upon. */
  handle(handlers: Handlers): void {
    this.#handlers = handlers
    for (const step of this.#early.splice(0)) step(handlers)
  }

  /** The keychain of the operating system, by way of the shell. */
  keychain(): Keychain {
    return { wrap: (value) => this.#ask('wrap', value), unwrap: (value) => this.#ask('unwrap', value) }
  }

  #message(message: unknown): void {
    const checked = ShellMessage.safeParse(message)
    if (!checked.success) return this.#log.warn('a message of the shell was not understood')
    const { data } = checked
    switch (data.type) {
      case 'close':
        return this.#do(({ onClose }) => onClose())
      case 'wake':
        return this.#do(({ onWake }) => onWake())
      case 'lock':
        return this.#do(({ onLock }) => onLock())
      case 'keychain':
        this.#asked.get(data.id)?.(data.value)
        this.#asked.delete(data.id)
    }
  }

  #do(step: (handlers: Handlers) => void): void {
    if (this.#handlers) step(this.#handlers)
    else this.#early.push(step)
  }

  #ask(type: 'wrap' | 'unwrap', value: string): Promise<string | null> {
    const id = (this.#lastId += 1)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id)
        this.#log.warn('the keychain did not answer')
        resolve(null)
      }, KEYCHAIN_PATIENCE)
      this.#asked.set(id, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.#line.send({ type, id, value })
    })
  }
}

type Port = {
  on(type: 'message', listener: (event: { data: unknown }) => void): unknown
  postMessage(message: unknown): void
}

function isPort(value: unknown): value is Port {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, 'on') === 'function' && typeof Reflect.get(value, 'postMessage') === 'function'
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not JSON: the schema refuses undefined.
    return undefined
  }
}
