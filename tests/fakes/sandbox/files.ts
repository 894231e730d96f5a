/** The bytes that threads show, by addresses of the sandbox's own server; gone when it ends. */
import { randomUUID } from 'node:crypto'

export type KeptFile = { bytes: Uint8Array<ArrayBuffer>; mime: string }

export class Files {
  readonly #files = new Map<string, KeptFile>()

  /** @returns its path on the server */
  keep(bytes: Uint8Array, mime: string): string {
    const id = randomUUID()
    this.#files.set(id, { bytes: new Uint8Array(bytes), mime })
    return `/files/${id}`
  }

  get(id: string): KeptFile | null {
    return this.#files.get(id) ?? null
  }
}
