/** Where the local backend hands out an attachment; the picture's reserved room on the screen. */
import type { AttachmentId } from '../../../backend/domain/ids.ts'

export function attachmentAddress(id: AttachmentId): string {
  return `/api/attachments/${encodeURIComponent(id)}`
}

/** Largest picture in the thread, in CSS pixels. */
const WIDEST = 320
const HIGHEST = 320
const LEAST = 48

/** The size at which a picture of so many pixels is shown: whole, never enlarged, never too small to hit. */
export function shownSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height)
  return { width: Math.max(LEAST, Math.round(width * scale)), height: Math.max(LEAST, Math.round(height * scale)) }
}
