/** Looks for texts in the bytes of files, however they may be written there: to see that something is gone, or was there. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

export type Found = {
  /** From the folder on. */
  file: string
  /** Bytes from the file's beginning. */
  offset: number
  needle: string
}

const CHUNK = 1024 * 1024

/**
 * Every place in the files under `folder` where one of the texts is: in UTF-8, in UTF-16 of both byte orders, or with all
 * but ASCII as JSON escapes it. A file that goes away meanwhile counts as empty.
 */
export async function findBytes(folder: string, needles: readonly string[], chunk = CHUNK): Promise<Found[]> {
  const patterns = needles.flatMap((needle) => formsOf(needle).map((bytes) => ({ needle, bytes })))
  const longest = Math.max(...patterns.map(({ bytes }) => bytes.length))
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: Found[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    for await (const place of placesIn(path, patterns, longest, chunk)) {
      found.push({ file: relative(folder, path), ...place })
    }
  }
  return found
}

/** The byte sequences that a text may be written as, each once. */
export function formsOf(text: string): Buffer[] {
  const escaped = (digits: (code: string) => string) =>
    text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`)
  const little = Buffer.from(text, 'utf16le')
  const forms = [
    Buffer.from(text, 'utf8'),
    little,
    Buffer.from(little).swap16(),
    Buffer.from(escaped((code) => code)),
    Buffer.from(escaped((code) => code.toUpperCase())),
  ]
  return forms.filter((form, at) => forms.findIndex((other) => other.equals(form)) === at)
}

async function* placesIn(
  path: string,
  patterns: readonly { needle: string; bytes: Buffer }[],
  longest: number,
  chunk: number,
): AsyncGenerator<{ offset: number; needle: string }> {
  // The end of one chunk is looked at again with the next, since a text may begin there.
  let kept = Buffer.alloc(0)
  let offset = 0
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: chunk })) {
      const window = Buffer.concat([kept, bytes])
      for (const { needle, bytes: pattern } of patterns) {
        for (let at = window.indexOf(pattern); at >= 0; at = window.indexOf(pattern, at + 1)) {
          // Told of with the chunk before.
          if (at + pattern.length > kept.length) yield { offset: offset - kept.length + at, needle }
        }
      }
      offset += bytes.length
      kept = window.subarray(Math.max(0, window.length - longest + 1))
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
