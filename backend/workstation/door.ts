/**
 * Who may speak to this backend at all. It listens on 127.0.0.1 for one window, but every program and every page open
 * in a browser on this computer can reach that address: a foreign page is told by Host, Origin and Sec-Fetch-Site, a
 * foreign program by the window cookie.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import { refuse } from '../domain/refusal.ts'
import type { AppEnv } from './app.ts'
import { WINDOW_COOKIE } from './shell.ts'

/** What of a request the door looks at. */
export type Caller = {
  method: string
  path: string
  headers: Pick<IncomingHttpHeaders, 'host' | 'origin' | 'cookie'> & { 'sec-fetch-site'?: string | undefined }
  upgrade: boolean
}

/** `window` names the caller's window; `cookie` is what to answer with, for a window that is new. */
export type Admission = { ok: true; window: string; cookie: string | null } | { ok: false; status: 401 | 403 }

/** How many windows without a session are remembered; beyond that the oldest has to come again. */
const WINDOWS_MAX = 200
/** In browser mode a caller without a window gets one here; it opens nothing until somebody signs in through it. */
const GIVES_WINDOW = new Set(['/api/state', '/api/live'])

export class Door {
  readonly #port: number
  readonly #secret: Buffer | null
  /** Windows this process has given out, by the digest of their cookie. */
  readonly #windows = new Set<string>()
  readonly #isInUse: (window: string) => boolean

  /**
   * @param port where we listen
   * @param secret the shell's window secret; null in browser mode
   * @param isInUse whether a session is open for the window
   */
  constructor(port: number, secret: string | null, isInUse: (window: string) => boolean) {
    this.#port = port
    this.#secret = secret === null ? null : digest(secret)
    this.#isInUse = isInUse
  }

  /**
   * The name of the window cookie. A browser sends the cookies of 127.0.0.1 to every port there, so in browser mode the
   * port is in the name: two workstations on one computer do not take each other's windows.
   */
  get cookieName(): string {
    return this.#secret ? WINDOW_COOKIE : `${WINDOW_COOKIE}_${this.#port}`
  }

  admit({ method, path, headers, upgrade }: Caller): Admission {
    const { host, origin } = headers
    if (host !== `127.0.0.1:${this.#port}` && host !== `localhost:${this.#port}`) return { ok: false, status: 403 }
    const changes = upgrade || (method !== 'GET' && method !== 'HEAD')
    if (origin === undefined ? changes : origin !== `http://${host}`) return { ok: false, status: 403 }
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return { ok: false, status: 403 }
    return this.#secret ? this.#forShell(this.#secret, headers.cookie) : this.#forBrowser(path, headers.cookie)
  }

  /** The Content-Security-Policy of every page of ours: nothing from elsewhere, no script in the page. */
  policy(host: string): string {
    return [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' blob: data:",
      "font-src 'self'",
      `connect-src 'self' ws://${host}`,
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; ')
  }

  #forShell(secret: Buffer, cookies: string | undefined): Admission {
    const given = cookieIn(cookies, this.cookieName)
    // Digests have one length, as the comparison needs, and tell nothing of where two secrets begin to differ.
    if (given === undefined || !timingSafeEqual(digest(given), secret)) return { ok: false, status: 401 }
    return { ok: true, window: secret.toString('hex'), cookie: null }
  }

  #forBrowser(path: string, cookies: string | undefined): Admission {
    const given = cookieIn(cookies, this.cookieName)
    if (given !== undefined) {
      const window = digest(given).toString('hex')
      if (this.#windows.delete(window)) {
        // Forgotten is who has not come for longest, not who came first.
        this.#windows.add(window)
        return { ok: true, window, cookie: null }
      }
    }
    if (path.startsWith('/api/') && !GIVES_WINDOW.has(path)) return { ok: false, status: 401 }
    // The parts of the page are the same for everybody.
    if (path.includes('.')) return { ok: true, window: '', cookie: null }
    const fresh = randomBytes(32).toString('base64url')
    const window = digest(fresh).toString('hex')
    this.#remember(window)
    return { ok: true, window, cookie: `${this.cookieName}=${fresh}; Path=/; HttpOnly; SameSite=Strict` }
  }

  #remember(window: string): void {
    this.#windows.add(window)
    if (this.#windows.size <= WINDOWS_MAX) return
    for (const old of this.#windows) {
      if (old === window || this.#isInUse(old)) continue
      this.#windows.delete(old)
      return
    }
  }
}

/** The door for HTTP: lets in or answers 401 or 403, and puts the security headers on every answer. */
export function guard(door: Door): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const admission = door.admit({
      method: c.req.method,
      path: c.req.path,
      headers: {
        host: c.req.header('host'),
        origin: c.req.header('origin'),
        cookie: c.req.header('cookie'),
        'sec-fetch-site': c.req.header('sec-fetch-site'),
      },
      upgrade: false,
    })
    if (admission.ok) {
      c.set('window', admission.window)
      await next()
    } else {
      c.res = c.json({ error: refuse('request.unauthorised', {}, { instead: 'sign-in' }) }, admission.status)
    }
    const { headers } = c.res
    if (admission.ok && admission.cookie) headers.append('set-cookie', admission.cookie)
    const host = admission.ok ? (c.req.header('host') ?? '') : '127.0.0.1'
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', door.policy(host))
    // What the API answers is the member's, files included: the browser's cache on the disk is not encrypted, knows no
    // lock, and would go on showing what has left the device.
    if (c.req.path.startsWith('/api/') || !headers.has('cache-control')) headers.set('cache-control', 'no-store')
    headers.set('x-content-type-options', 'nosniff')
    headers.set('x-frame-options', 'DENY')
    headers.set('referrer-policy', 'no-referrer')
    headers.set('cross-origin-opener-policy', 'same-origin')
    headers.set('cross-origin-resource-policy', 'same-origin')
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The value of a cookie; undefined when it is not there, or there twice. */
function cookieIn(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined
}
