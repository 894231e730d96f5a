import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchPicture, PREVIEW_MAX } from './pictures.ts'

const served = new Map<string, { bytes: Buffer; mime: string }>()
const server = createServer((request, response) => {
  const file = served.get(request.url ?? '')
  response.writeHead(file ? 200 : 404, { 'content-type': file?.mime ?? 'text/plain' }).end(file?.bytes)
})
let tunnel: Record<string, string>

beforeAll(async () => {
  const blank = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
  const png = await blank.clone().png().toBuffer()
  served.set('/a.png', { bytes: png, mime: 'image/png' })
  served.set('/a.jpg?v=1', { bytes: await blank.clone().jpeg().toBuffer(), mime: 'image/jpeg' })
  served.set('/a.webp', { bytes: await blank.clone().webp().toBuffer(), mime: 'image/webp' })
  served.set('/said.jpg', { bytes: png, mime: 'image/jpeg' })
  served.set('/large.png', { bytes: Buffer.concat([png, Buffer.alloc(PREVIEW_MAX)]), mime: 'image/png' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tunnel = { 'https://hub.example': `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
afterAll(() => server.close())

const get = (path: string, max = 10 * PREVIEW_MAX) => fetchPicture(`https://hub.example${path}`, { tunnel, max })

describe('a picture that LINE fetches', () => {
  it('comes through the tunnel', async () => {
    expect(await get('/a.png')).toEqual({ ok: true, mime: 'image/png', bytes: served.get('/a.png')?.bytes })
    expect(await get('/a.jpg?v=1')).toMatchObject({ ok: true, mime: 'image/jpeg' })
  })

  it.each([
    ['is not there', '/none.png', /^was answered with 404$/],
    ['is of another format', '/a.webp', /^is neither JPEG nor PNG$/],
    ['is said to be what it is not', '/said.jpg', /^is image\/png but is said to be image\/jpeg$/],
    ['is too large', '/large.png', /bytes, more than 1048576$/],
  ])('is not shown when it %s', async (_why, path, problem) => {
    expect(await get(path, PREVIEW_MAX)).toEqual({ ok: false, problem: expect.stringMatching(problem) })
  })

  it('is not shown when its address is not https, or leads nowhere', async () => {
    const at = (url: string) => fetchPicture(url, { tunnel, max: PREVIEW_MAX })
    expect(await at(`${tunnel['https://hub.example']}/a.png`)).toEqual({ ok: false, problem: 'is no https address' })
    expect(await at('https://nowhere.invalid/a.png')).toMatchObject({ ok: false })
  })
})
