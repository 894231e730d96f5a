/** One clock for the whole window, started by the first who asks. */
import { ref } from 'vue'
import type { Ref } from 'vue'

const EVERY = 15_000

const now = ref(Date.now())
let ticking = false

/** Milliseconds since 1970, every 15 s. */
export function windowClock(): Readonly<Ref<number>> {
  if (!ticking) {
    ticking = true
    setInterval(() => (now.value = Date.now()), EVERY)
  }
  return now
}
