/** The page's own files, read once and served with an ETag; nothing is built, so what is served is what is written. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { Hono } from 'hono'
import { refuse } from '../../../domain/refusal.ts'
import { refuseWith } from '../../answer.ts'

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export type Asset = { bytes: Uint8Array<ArrayBuffer>; etag: string; type: string }

/** Reads every file of the page. @throws when the folder is not there */
export function readAssets(folder: URL): Map<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const name of readdirSync(folder)) {
    const type = TYPES[name.split('.').at(-1) ?? '']
    if (!type) continue
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)))
    assets.set(name, { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`, type })
  }
  return assets
}

/** Answers with one file; `304` to who has it already. */
export function assetResponse(asset: Asset, ifNoneMatch: string | undefined, crossOrigin: boolean): Response {
  const headers = {
    etag: asset.etag,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': crossOrigin ? 'cross-origin' : 'same-origin',
  }
  const has = (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === asset.etag)
  if (has) return new Response(null, { status: 304, headers })
  return new Response(asset.bytes, { headers: { ...headers, 'content-type': asset.type } })
}

/** `GET /assets/:file`. */
export function assetRoutes(assets: ReadonlyMap<string, Asset>) {
  return new Hono().get('/assets/:file', (c) => {
    const asset = assets.get(c.req.param('file'))
    return asset
      ? assetResponse(asset, c.req.header('if-none-match'), false)
      : refuseWith(c, refuse('request.notFound', {}))
  })
}
