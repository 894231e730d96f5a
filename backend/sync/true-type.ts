/** What a file really is, found in its bytes; its name and what the sender says are not believed. */
import { fileTypeFromBuffer } from 'file-type'
import { FILE_TYPES } from '../domain/attachments.ts'

export type FileType = (typeof FILE_TYPES)[number]

/** Names by which the library calls types that we know by another. */
const OTHER_NAMES: Record<string, FileType> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'video/x-m4v': 'video/mp4',
}

/** The streams by which the three old Office formats, all of them compound files, are told apart from each other. */
const COMPOUND: [string, FileType][] = [
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
]

/**
 * The file's type when it may be sent, else `refused` with what it seems to be.
 * @param declared what the sender says: decides only between plain text and CSV, which no byte tells apart
 */
export async function trueType(
  bytes: Uint8Array,
  declared: string,
): Promise<{ ok: true; mime: FileType } | { ok: false; mime: string }> {
  const found = (await fileTypeFromBuffer(bytes))?.mime
  if (found === 'application/x-cfb') {
    const compound = COMPOUND.find(([stream]) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(stream, 0, 'utf16le'),
    )
    return compound ? { ok: true, mime: compound[1] } : { ok: false, mime: found }
  }
  if (found !== undefined) {
    const mime = FILE_TYPES.find((type) => type === found) ?? OTHER_NAMES[found]
    return mime ? { ok: true, mime } : { ok: false, mime: found }
  }
  const text = asText(bytes)
  if (text === null) return { ok: false, mime: 'application/octet-stream' }
  const markup = markupType(text)
  if (markup) return { ok: false, mime: markup }
  return { ok: true, mime: declared.split(';')[0]?.trim().toLowerCase() === 'text/csv' ? 'text/csv' : 'text/plain' }
}

/** The text, when the bytes are UTF-8 without U+0000. */
function asText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** HTML, SVG and other markup have no magic number but begin with a tag, a comment or a declaration. */
function markupType(text: string): string | null {
  const start = text.trimStart().slice(0, 4_096).toLowerCase()
  if (!/^<[a-z!?/]/.test(start)) return null
  if (start.includes('<svg')) return 'image/svg+xml'
  return start.startsWith('<?xml') ? 'application/xml' : 'text/html'
}
