/**
 * First guesses of how high what the thread shows will be, in CSS pixels at the usual text size, so that the bar at the
 * side is nearly right before anything is measured.
 */
import type { Body } from '../../../backend/domain/rows.ts'
import { shownSize } from './attachment-address.ts'
import type { ThreadItem } from './items.ts'

const LINE = 21
const LETTERS_A_LINE = 34
/** The chip of a file, and the places kept for what is still fetched (`MediaPlace.vue`, `StickerPlate.vue`). */
const CHIP = 64
const PICTURE_PLACE = 160
const STICKER = 112

/** The height of a bubble, without what stands above and below it. */
export function bodyHeight(body: Body): number {
  switch (body.kind) {
    case 'text':
    case 'note':
      return linesOf(body.text) + 18
    case 'template':
      return linesOf(body.text) + 18 + LINE + (body.media ? CHIP : 0)
    case 'image':
      return shownSize(body.width, body.height).height
    case 'file':
      return CHIP
    case 'media':
      if (body.media === 'sticker') return STICKER
      return body.media === 'image' || body.media === 'video' ? PICTURE_PLACE : CHIP
    case 'sticker':
      return STICKER
    case 'location':
      return 28 + LINE * [body.title, body.address, 'degrees'].filter((line) => line !== '').length
    case 'unsent':
    case 'other':
      return 39
    case 'event':
      return 32
  }
}

/** The height of anything in the thread. */
export function itemHeight(item: ThreadItem | undefined): number {
  if (item?.type === 'departing') return bodyHeight(item.body) + (item.first ? 8 : 0) + (item.last ? 22 : 2)
  if (item?.type !== 'message') return item?.type === 'refused' ? 120 : 40
  const { body, author } = item.message
  if (body.kind === 'event') return bodyHeight(body)
  const isNamed = item.first && (author.type !== 'customer' || author.from !== null)
  return bodyHeight(body) + (item.first ? 8 : 0) + (isNamed ? 20 : 0) + (item.last ? 22 : 2)
}

function linesOf(text: string): number {
  return text
    .split('\n')
    .reduce((height, line) => height + Math.max(1, Math.ceil(line.length / LETTERS_A_LINE)) * LINE, 0)
}
