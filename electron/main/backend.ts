/**
 * Keeps one backend running: started with the window's secret, answered when it asks for the keychain, started again
 * with back-off when it dies (same port, same secret, so that the page just goes on), and closed before the app ends.
 */
import { randomBytes } from 'node:crypto'
import { BackOff } from './back-off.ts'
import { startBackend } from './backend-process.ts'
import type { BackendProcess, BackendStart } from './backend-process.ts'
import type { BackendMessage, ShellMessage } from '../../backend/workstation/shell.ts'

/** Milliseconds that the backend has to close its database. */
const CLOSE_PATIENCE = 10_000
/** After so many vain tries on the old port somebody else may have it: any other will do. */
const TRIES_ON_PORT = 5

export type BackendSettings = Pick<BackendStart, 'entry' | 'env' | 'node' | 'log'> & {
  args: readonly string[]
  /** The port to ask for first; 0 for any. */
  port: number
  keychain: {
    available: () => boolean
    wrap: (value: string) => string | null
    unwrap: (value: string) => string | null
  }
  /** Called each time it is ready, with its address. */
  onReady: (url: string) => void
  onDown: () => void
}

export class Backend {
  /** What the window's cookie says; never in argv, the environment or an address. */
  readonly windowSecret = randomBytes(32).toString('base64url')
  readonly #settings: BackendSettings
  readonly #backOff = new BackOff()
  #process: BackendProcess | null = null
  #timer: NodeJS.Timeout | undefined
  #url: string | null = null
  #port: number
  #closing: Promise<void> | undefined
  #ended: () => void = () => undefined

  constructor(settings: BackendSettings) {
    this.#settings = settings
    this.#port = settings.port
  }

  /** Where it listens; null until it first did. Stays while it is started again. */
  get origin(): string | null {
    return this.#url === null ? null : new URL(this.#url).origin
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  start(): void {
    const { entry, args, env, node, log, keychain } = this.#settings
    const port = this.#backOff.tries > TRIES_ON_PORT ? 0 : this.#port
    this.#process = startBackend({
      entry,
      args: [...args, '--port', String(port)],
      env,
      node,
      log,
      onMessage: (message) => this.#hear(message),
      onEnd: (how) => this.#restart(how),
    })
    this.#process.send({ windowSecret: this.windowSecret, keychain: keychain.available() })
  }

  /** Passes a word on; lost while the backend is down, which then learns as much by starting. */
  send(message: ShellMessage): void {
    this.#process?.send(message)
  }

  /** Lets it close its database and end; kills it after 10 s. Settles when it is gone. */
  close(): Promise<void> {
    this.#closing ??= new Promise((done) => {
      clearTimeout(this.#timer)
      const process = this.#process
      if (!process) return done()
      const kill = setTimeout(() => process.kill(), CLOSE_PATIENCE)
      this.#ended = () => {
        clearTimeout(kill)
        done()
      }
      process.send({ type: 'close' })
    })
    return this.#closing
  }

  #hear(message: BackendMessage): void {
    if ('ready' in message) {
      this.#url = message.url
      this.#port = Number(new URL(message.url).port)
      this.#settings.onReady(message.url)
      return
    }
    const { id, type, value } = message
    const { wrap, unwrap } = this.#settings.keychain
    this.send({ type: 'keychain', id, value: type === 'wrap' ? wrap(value) : unwrap(value) })
  }

  #restart(how: string): void {
    this.#process = null
    if (this.#closing) return this.#ended()
    const wait = this.#backOff.next(performance.now())
    this.#settings.log.write(`shell: the backend ${how}; again in ${wait} ms\n`)
    this.#settings.onDown()
    this.#timer = setTimeout(() => this.start(), wait)
  }
}
