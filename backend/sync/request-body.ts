/** What the bodies of requests need of a server, on both ends: lengths that are not said, senders that go away. */

/**
 * The server's own requests are stand-ins that the runtime's `Request` cannot be made from; whoever wraps a body of
 * unknown length (a chunked one, or none at all where one may be) does just that. This makes a real one of such a
 * request and leaves any other as it is.
 */
export function plainRequest(request: Request): Request {
  const isKnown = request.headers.has('content-length') && !request.headers.has('transfer-encoding')
  if (isKnown || !request.body) return request
  const { url, method, headers, body, signal } = request
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
  return new Request(url, init)
}

/** Whether reading a request failed because its sender went away: no fault of ours, and nobody waits for the answer. */
export function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET'
}
