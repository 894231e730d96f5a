import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openingBox, readPlace, writePlace } from './bounds.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countertop-bounds-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const place = { x: 10, y: 20, width: 1400, height: 900, maximized: false }
const screen = { x: 0, y: 0, width: 1920, height: 1080 }

describe('the window’s place', () => {
  it('is read as it was written, and leaves no other file', () => {
    const file = join(folder, 'deep', 'window.json')
    writePlace(file, place)
    writePlace(file, { ...place, maximized: true })
    expect(readPlace(file, expect.unreachable)).toEqual({ ...place, maximized: true })
    expect(readdirSync(join(folder, 'deep'))).toEqual(['window.json'])
  })

  it('is forgotten, with a word why, when the file is broken', () => {
    const said: string[] = []
    const file = join(folder, 'window.json')
    expect(readPlace(file, expect.unreachable)).toBe(null)
    for (const text of ['', '{', '{"x":1}', '{"x":1e99,"y":0,"width":1,"height":1,"maximized":false}']) {
      writeFileSync(file, text)
      expect(readPlace(file, (why) => said.push(why))).toBe(null)
    }
    expect(said).toHaveLength(4)
  })

  it('is used only where the window could be dragged from, and never too small', () => {
    expect(openingBox(place, [screen])).toEqual({ x: 10, y: 20, width: 1400, height: 900 })
    expect(openingBox({ ...place, x: 1900 }, [screen])).toEqual({ width: 1400, height: 900 })
    expect(openingBox({ ...place, y: -500 }, [screen])).toEqual({ width: 1400, height: 900 })
    expect(openingBox({ ...place, x: 1950 }, [screen, { ...screen, x: 1920 }])).toMatchObject({ x: 1950 })
    expect(openingBox({ ...place, width: 200, height: 100 }, [screen])).toEqual({
      x: 10,
      y: 20,
      width: 1024,
      height: 700,
    })
  })
})
