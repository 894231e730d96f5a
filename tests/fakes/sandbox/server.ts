/**
 * The sandbox over HTTP, for a browser on this computer:
 *
 * | route | gives |
 * |---|---|
 * | `GET /`, `GET /assets/:file` | the page, its scripts and styles |
 * | `GET /live` | what there is to see, and each change of it, as server-sent events |
 * | `POST /acts` | what a customer or a platform does; refused with `{ error }` |
 * | `POST /files?chat&as&name` | a customer sends the file that is the body |
 * | `GET /files/:id` | the bytes of something that a thread shows |
 * | `GET /record` | every request the fakes got and every webhook they posted |
 */
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { pageHeaders, pageHtml } from './page.ts'
import { Refusal } from './refusal.ts'
import type { Sandbox } from './sandbox.ts'
import { Act } from './view.ts'
import type { News, Refused } from './view.ts'

/** Largest file, in bytes: what the hub keeps. */
const FILE_MAX = 25 * 1024 * 1024
const ACT_MAX = 256 * 1024

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}
const STATUS: Record<Refused, 400 | 404 | 409 | 502> = {
  invalid: 400,
  notThere: 404,
  blocked: 409,
  notInGroup: 409,
  notHere: 409,
  hub: 502,
}

const FileQuery = z.object({
  chat: z.string().min(1).max(300),
  as: z.string().min(1).max(300).optional(),
  name: z.string().min(1).max(255),
})
const FileType = z.string().regex(/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/)

export type ServerParts = {
  sandbox: Sandbox
  /** 0 for any free one. */
  port: number
  hubUrl: string
  /** The path of the web chat's page on the hub. */
  webchatPath: string
}

export type SandboxServer = { url: string; close(): Promise<void> }

export function sandboxRoutes({ sandbox, hubUrl, webchatPath }: Omit<ServerParts, 'port'>, ownHosts: () => string[]) {
  const assets = readAssets(new URL('page/', import.meta.url))

  const answering = async (c: Context, act: () => Promise<void> | void) => {
    try {
      await act()
      return c.body(null, 204)
    } catch (error) {
      if (error instanceof Refusal) return refuse(c, error.code)
      throw error
    }
  }

  return new Hono()
    .use('*', async (c, next) => {
      // Every page in a browser on this computer can reach the address; only our own is let in.
      const host = c.req.header('host') ?? ''
      const origin = c.req.header('origin')
      const isOwn =
        ownHosts().includes(host) && (origin === undefined ? c.req.method === 'GET' : origin === `http://${host}`)
      return isOwn ? next() : c.body(null, 403)
    })
    .get('/', (c) => c.body(pageHtml(hubUrl + webchatPath), 200, pageHeaders(new URL(hubUrl).origin)))
    .get('/assets/:file', (c) => {
      const asset = assets.get(c.req.param('file'))
      if (!asset) return c.body(null, 404)
      return c.body(asset.bytes, 200, {
        'content-type': asset.type,
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
      })
    })
    .get('/live', (c) =>
      streamSSE(c, async (stream) => {
        const waiting: News[] = [sandbox.all()]
        let wake = () => {}
        const ends = sandbox.board.on((news) => {
          waiting.push(news)
          wake()
        })
        stream.onAbort(() => {
          ends()
          wake()
        })
        while (!stream.aborted) {
          const news = waiting.shift()
          if (news) await stream.writeSSE({ data: JSON.stringify(news) })
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      }),
    )
    .post('/acts', bodyLimit({ maxSize: ACT_MAX }), async (c) => {
      const act = Act.safeParse(await c.req.json().catch(() => null))
      return act.success ? answering(c, () => sandbox.act(act.data)) : refuse(c, 'invalid')
    })
    .post('/files', bodyLimit({ maxSize: FILE_MAX }), async (c) => {
      const query = FileQuery.safeParse(c.req.query())
      const mime = FileType.safeParse(c.req.header('content-type'))
      if (!query.success || !mime.success) return refuse(c, 'invalid')
      const bytes = Buffer.from(await c.req.arrayBuffer())
      if (bytes.length === 0) return refuse(c, 'invalid')
      const { chat, as, name } = query.data
      return answering(c, () => sandbox.sendFile(chat, as, { name, mime: mime.data, bytes }))
    })
    .get('/files/:id', (c) => {
      const file = sandbox.files.get(c.req.param('id'))
      if (!file) return c.body(null, 404)
      return c.body(file.bytes, 200, {
        'content-type': file.mime,
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=31536000, immutable',
      })
    })
    .get('/record', (c) => c.json(sandbox.record()))
}

/** Serves the sandbox on loopback; resolves when it answers. */
export async function serveSandbox(parts: ServerParts): Promise<SandboxServer> {
  let port = parts.port
  const routes = sandboxRoutes(parts, () => [`127.0.0.1:${port}`, `localhost:${port}`])
  const listener = getRequestListener(routes.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(parts.port, '127.0.0.1', resolve)
  })
  // A listening server over TCP has an address of this form.
  port = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(c: Context, error: Refused) {
  return c.json({ error }, STATUS[error])
}

function readAssets(folder: URL): Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }> {
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const type = TYPES[name.split('.').at(-1) ?? '']
      return type ? [[name, { bytes: new Uint8Array(readFileSync(new URL(name, folder))), type }] as const] : []
    }),
  )
}
