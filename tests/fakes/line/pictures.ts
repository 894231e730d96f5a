/** How LINE fetches the pictures an account sends by their addresses. */

export const ORIGINAL_MAX = 10 * 1024 * 1024
export const PREVIEW_MAX = 1024 * 1024

export type Picture = { ok: true; mime: string; bytes: Buffer } | { ok: false; problem: string }

/**
 * The address behind a public one.
 * @param tunnel public origins, and where they lead
 */
export function throughTunnel(url: string, tunnel: Readonly<Record<string, string>>): string {
  const { origin } = new URL(url)
  const inner = tunnel[origin]
  return inner === undefined ? url : inner + url.slice(origin.length)
}

/** Fetches a picture as LINE would, and says why LINE would not show it. */
export async function fetchPicture(
  url: string,
  { tunnel, max, timeoutMs = 10_000 }: { tunnel: Readonly<Record<string, string>>; max: number; timeoutMs?: number },
): Promise<Picture> {
  const problem = (text: string): Picture => ({ ok: false, problem: text })
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return problem('is no https address')
  try {
    const answer = await fetch(throughTunnel(url, tunnel), { signal: AbortSignal.timeout(timeoutMs) })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (!answer.ok) return problem(`was answered with ${answer.status}`)
    if (bytes.length > max) return problem(`has ${bytes.length} bytes, more than ${max}`)
    const found = typeOf(bytes)
    if (!found) return problem('is neither JPEG nor PNG')
    const said = answer.headers.get('content-type')?.split(';')[0]?.trim()
    if (said !== found) return problem(`is ${found} but is said to be ${said}`)
    return { ok: true, mime: found, bytes }
  } catch (error) {
    return problem(`could not be fetched: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function typeOf(bytes: Buffer): 'image/jpeg' | 'image/png' | null {
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg'
  if (bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return 'image/png'
  return null
}
