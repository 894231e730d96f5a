/** Brings attachments to the hub ahead of the commands that show them, one at a time. */
import type { Logger } from 'pino'
import type { Refusal } from '../../domain/refusal.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Tokens } from '../session/tokens.ts'
import type { MemberStore } from '../store/member-store.ts'
import type { HubClient } from './client.ts'

/** The file itself is not taken, however often it is tried; every other refusal may pass. */
const ABOUT_THE_FILE = new Set<Refusal['code']>([
  'attachment.empty',
  'attachment.tooLarge',
  'attachment.type',
  'attachment.missing',
  'attachment.inUse',
  'request.tooLarge',
  'request.invalid',
  'request.notFound',
  'conversation.notVisible',
  'member.mayNot',
])

export type UploadParts = {
  hub: HubClient
  tokens: Tokens
  store: MemberStore
  log: Logger
  /** Something was uploaded or refused: commands that waited for it may go. */
  onProgress: () => void
  /** How long to wait before another try after a failure, in ms. */
  again: number
}

export class Uploads {
  readonly #parts: UploadParts
  #running = false
  #asked = false
  #stopped = false
  #retry: NodeJS.Timeout | undefined

  constructor(parts: UploadParts) {
    this.#parts = parts
  }

  /** Uploads what waits, unless that is under way already. */
  run(): void {
    if (this.#stopped) return
    if (this.#running) {
      this.#asked = true
      return
    }
    clearTimeout(this.#retry)
    this.#running = true
    this.#all()
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'uploading failed')
        return false
      })
      .then((done) => {
        this.#running = false
        if (this.#stopped) return
        if (!done) this.#retry = setTimeout(() => this.run(), this.#parts.again)
        else if (this.#asked) this.run()
        this.#asked = false
      })
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'uploading failed'))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
  }

  /** False when one has to be tried again later. */
  async #all(): Promise<boolean> {
    const { store, hub, tokens, onProgress } = this.#parts
    const tried = new Set<string>()
    while (!this.#stopped) {
      const next = store.uploads().find(({ id }) => !tried.has(id))
      if (!next) return true
      tried.add(next.id)
      const attachment = store.attachment(next.id)
      const result = attachment
        ? await tokens.authorised((token) => hub.upload(token, attachment))
        : { ok: false as const, refusal: refuse('attachment.missing', { name: next.name }) }
      if (this.#stopped) return true
      if (!result.ok && !ABOUT_THE_FILE.has(result.refusal.code)) return false
      store.uploaded(next.id, result.ok ? { ok: true } : result)
      onProgress()
    }
    return true
  }
}
