/** What a player asked for and cannot have. */
import type { Refused } from './view.ts'

export class Refusal extends Error {
  readonly code: Refused

  constructor(code: Refused) {
    super(code)
    this.code = code
  }
}
