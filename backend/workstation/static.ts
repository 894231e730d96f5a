/** Serves the built renderer: its parts by name, and its one page for every other address. */
import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { Hono } from 'hono'
import type { AppEnv } from './app.ts'
import { isMissing } from './session/atomic-file.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}
const FOR_EVER = 'public, max-age=31536000, immutable'
/** The build puts the digest of the content into these names. */
const HASHED = /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

const NOT_BUILT = `<!doctype html>
<html lang="zh-Hant-TW"><head><meta charset="utf-8"><title>Countertop 櫃檯</title></head>
<body style="font: 16px/1.6 system-ui; max-width: 36em; margin: 15vh auto; padding: 0 1.5em">
<h1>介面尚未建置</h1><p>請在專案資料夾執行 <code>npm start</code>，它會先建置介面再開啟工作站。</p>
<h1 lang="en">The interface has not been built</h1>
<p lang="en">Run <code>npm start</code> in the project's folder: it builds the interface and opens the workstation.</p>
</body></html>`

/** Routes for everything outside `/api`, from a folder with an `index.html`. */
export function servePages(folder: string) {
  const root = resolve(folder)
  return new Hono<AppEnv>().get('*', async (c) => {
    const { path } = c.req
    if (path.startsWith('/api/')) return c.notFound()
    if (extname(path) !== '') {
      const content = await readInside(root, path)
      if (!content) return c.notFound()
      return c.body(content, 200, {
        'content-type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
        'cache-control': HASHED.test(path) ? FOR_EVER : 'no-cache',
      })
    }
    const page = await readInside(root, '/index.html')
    return page
      ? c.body(page, 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      : c.html(NOT_BUILT, 503)
  })
}

/** A file's content; undefined for one that is not there or not inside the folder. */
async function readInside(root: string, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    // A badly encoded address is the address of nothing.
    return undefined
  }
  const file = join(root, name)
  if (!file.startsWith(root + sep) || name.includes('\0')) return undefined
  try {
    return new Uint8Array(await readFile(file))
  } catch (error) {
    const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR'
    if (isMissing(error) || isFolder) return undefined
    throw error
  }
}
