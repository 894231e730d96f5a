/** Waiting for a condition, with a bound, in tests and in scripts that run outside the test runner. */

const PROBE_EVERY = 20
const WITHIN = 60_000

/**
 * Asks `probe` again and again until it answers anything but undefined, null or false, and gives that back.
 * @param what names what is waited for, in the error
 * @param within ms after which it is given up
 * @param diagnosis what to add to the error
 * @throws when the time is over; what `probe` throws goes through
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { within = WITHIN, diagnosis }: { within?: number; diagnosis?: () => Promise<string> | string } = {},
): Promise<T> {
  const end = performance.now() + within
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== null && answer !== false) return answer
    if (performance.now() > end) {
      throw new Error(`waited ${within} ms in vain: ${what}\n${(await diagnosis?.()) ?? ''}`)
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY))
  }
}
