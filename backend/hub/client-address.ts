/** Where a request came from, for limits. */
import type { IncomingMessage } from 'node:http'

export type AddressOf = (request: IncomingMessage) => string

/**
 * @param trustProxy the hub stands behind one proxy, which adds the address it sees to `x-forwarded-for`; without one
 * anybody could write anything there, so the header is not looked at
 */
export function createAddressOf(trustProxy: boolean): AddressOf {
  return ({ headers, socket }) => {
    const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined
    const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
    return last || (socket.remoteAddress ?? '')
  }
}
