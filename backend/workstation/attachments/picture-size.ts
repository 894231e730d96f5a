/** How large a picture is shown, read from its header; nothing is decoded, and no byte is believed out of bounds. */

/** Pixels, as shown (a photo taken upright is taller than wide whatever the sensor says). */
export type PictureSize = { width: number; height: number }

/** The size of a PNG, JPEG, GIF or WebP; null when the header does not tell. */
export function pictureSize(bytes: Uint8Array, mime: string): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const size = read(view, mime)
    return size && size.width > 0 && size.height > 0 ? size : null
  } catch (error) {
    // A header that points past the end of the file: DataView refuses the read.
    if (error instanceof RangeError) return null
    throw error
  }
}

function read(view: DataView, mime: string): PictureSize | null {
  switch (mime) {
    case 'image/png':
      return { width: view.getUint32(16), height: view.getUint32(20) }
    case 'image/gif':
      return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
    case 'image/jpeg':
      return jpeg(view)
    case 'image/webp':
      return webp(view)
    default:
      return null
  }
}

/** Walks the segments up to the frame header; an Exif orientation of 5 to 8 lies the picture on its side. */
function jpeg(view: DataView): PictureSize | null {
  let turned = false
  let at = 2
  while (at < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    const length = view.getUint16(at + 2)
    if (length < 2) return null
    if (marker === 0xe1) turned = orientation(view, at + 4, length - 2) >= 5
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      const height = view.getUint16(at + 5)
      const width = view.getUint16(at + 7)
      return turned ? { width: height, height: width } : { width, height }
    }
    at += 2 + length
  }
  return null
}

const ORIENTATION = 0x0112

/** The Exif orientation, 1 to 8; 1 when there is none that makes sense. */
function orientation(view: DataView, at: number, length: number): number {
  const isExif = length >= 14 && view.getUint32(at) === 0x45786966 && view.getUint16(at + 4) === 0
  if (!isExif) return 1
  const tiff = at + 6
  const end = Math.min(at + length, view.byteLength)
  const little = view.getUint16(tiff) === 0x4949
  const directory = tiff + view.getUint32(tiff + 4, little)
  if (directory + 2 > end) return 1
  const entries = view.getUint16(directory, little)
  for (let entry = directory + 2; entry < directory + 2 + entries * 12 && entry + 12 <= end; entry += 12) {
    if (view.getUint16(entry, little) !== ORIENTATION) continue
    const value = view.getUint16(entry + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

function webp(view: DataView): PictureSize | null {
  switch (view.getUint32(12)) {
    // 'VP8 ': after the frame tag and the start code.
    case 0x56503820:
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    // 'VP8L': 14 bits each after the signature byte.
    case 0x5650384c: {
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    // 'VP8X': 24 bits each.
    case 0x56503858:
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 }
    default:
      return null
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
}
