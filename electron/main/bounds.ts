/** Remembers where the window was: one small file, written whole beside its place and then renamed into it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

export type Box = { x: number; y: number; width: number; height: number }

/** Pixels. The smallest window the screens are made for. */
export const SMALLEST = { width: 1024, height: 700 }
const USUAL = { width: 1360, height: 860 }

const whole = z.number().int().min(-100_000).max(100_000)
const Place = z.object({
  x: whole,
  y: whole,
  width: whole.positive(),
  height: whole.positive(),
  maximized: z.boolean(),
})
export type Place = z.infer<typeof Place>

/** What the file says, or null when there is none or it cannot be understood (`complain` then hears why). */
export function readPlace(file: string, complain: (why: string) => void): Place | null {
  try {
    return Place.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    complain(`window: its place in ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

/** Writes the file so that a crash leaves the old one or the new one, never half of one. */
export function writePlace(file: string, place: Place): void {
  mkdirSync(dirname(file), { recursive: true })
  const beside = `${file}.new`
  writeFileSync(beside, JSON.stringify(place), { flush: true })
  renameSync(beside, file)
}

/**
 * Where to open the window: where it was, as long as enough of its title bar is on a screen that is still there to drag
 * it by; never smaller than {@link SMALLEST}. Without a position the operating system centres it.
 */
export function openingBox(
  place: Place | null,
  screens: readonly Box[],
): { width: number; height: number; x?: number; y?: number } {
  if (!place) return USUAL
  const size = { width: Math.max(place.width, SMALLEST.width), height: Math.max(place.height, SMALLEST.height) }
  const isReachable = screens.some((screen) => {
    const seen = Math.min(place.x + size.width, screen.x + screen.width) - Math.max(place.x, screen.x)
    return seen >= 120 && place.y >= screen.y - 8 && place.y <= screen.y + screen.height - 40
  })
  return isReachable ? { ...size, x: place.x, y: place.y } : size
}
