/** The bytes of what customers sent, as long as LINE keeps them. */

export type Content = {
  bytes: Buffer
  mime: string
  /** Pictures and files are ready at once; of a video or a sound LINE makes another format first. */
  transcoding: 'processing' | 'succeeded' | 'failed'
}

export class Contents {
  readonly #byMessage = new Map<string, Content>()

  keep(messageId: string, content: Content): void {
    this.#byMessage.set(messageId, content)
  }

  find(messageId: string): Content | undefined {
    return this.#byMessage.get(messageId)
  }

  /** @throws when the message has no content */
  setTranscoding(messageId: string, transcoding: Content['transcoding']): void {
    const content = this.#byMessage.get(messageId)
    if (!content) throw new Error(`message ${messageId} has no content`)
    content.transcoding = transcoding
  }

  forget(messageId: string): void {
    this.#byMessage.delete(messageId)
  }
}
