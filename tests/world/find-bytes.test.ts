import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findBytes } from './find-bytes.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countertop-bytes-'))
  await mkdir(join(folder, 'deep'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The only file, and where in it the texts are. */
async function placesIn(content: Buffer, needles: string[], chunk: number): Promise<unknown[]> {
  await writeFile(join(folder, 'deep', 'file'), content)
  const found = await findBytes(folder, needles, chunk)
  return found.map(({ file, offset, needle }) => [file, offset, needle])
}

it('finds a text in each form it may be written in', async () => {
  const file = join('deep', 'file')
  for (const form of [
    Buffer.from('琥珀a'),
    Buffer.from('琥珀a', 'utf16le'),
    Buffer.from('琥珀a', 'utf16le').swap16(),
    Buffer.from(String.raw`\u7425\u73c0a`),
    Buffer.from(String.raw`\u7425\u73C0a`),
  ]) {
    expect(await placesIn(Buffer.concat([Buffer.from('..'), form]), ['琥珀a', 'no'], 1024)).toEqual([
      [file, 2, '琥珀a'],
    ])
  }
})

it('finds a text wherever a chunk ends, each place once', async () => {
  const content = Buffer.from('xxneedlexxxneedleneedle')
  for (let chunk = 1; chunk <= content.length; chunk++) {
    const places = await placesIn(content, ['needle', 'x'], chunk)
    expect({ chunk, needles: places.filter((place) => String(place).endsWith('needle')).length }).toEqual({
      chunk,
      needles: 3,
    })
    expect(places).toHaveLength(8)
  }
  expect(await placesIn(Buffer.from('needl'), ['needle'], 2)).toEqual([])
})
