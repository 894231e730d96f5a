/** A socket that sends what is written to it in one turn of the event loop as one piece. */
import { Socket } from 'node:net'

/**
 * For statements that go out together: pg holds back the parts of one statement, this holds back the statements too. A
 * piece costs both ends about as much as a small statement does.
 */
export class TurnSocket extends Socket {
  #isHeld = false

  override cork(): void {
    super.cork()
    if (this.#isHeld) return
    this.#isHeld = true
    super.cork()
    process.nextTick(() => {
      this.#isHeld = false
      this.uncork()
    })
  }
}
