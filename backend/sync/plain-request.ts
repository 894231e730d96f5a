/** A request as the runtime has it, for what has to make another one of it. */

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
