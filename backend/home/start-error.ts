/** What start-up refuses by a name that whoever started the program can look for in its log. */
export type StartCode = 'home.inUse'

/** Why a program of ours cannot start, in words for whoever started it and can put it right. */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** Null where the words are all there is. */
  readonly code: StartCode | null

  constructor(message: string, { code, ...options }: ErrorOptions & { code?: StartCode } = {}) {
    super(message, options)
    this.code = code ?? null
  }
}
