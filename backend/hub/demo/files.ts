/** The few files of the demo: pictures and documents made on the spot, so that the sample carries no binary. */
import { crc32, deflateSync } from 'node:zlib'
import type { SampleFile } from './conversations.ts'

export const PICTURE_SIZE = { width: 480, height: 360 }

/** A still life of a cup on a table, in the colours of its number. */
export function picture(name: string, n: number): SampleFile {
  const { width, height } = PICTURE_SIZE
  const hue = (n * 67) % 360
  const table = colour(hue, 0.28, 0.72)
  const wall = colour((hue + 24) % 360, 0.22, 0.88)
  const cup = colour((hue + 180) % 360, 0.3, 0.5)
  const pixels = new Uint8Array(height * (1 + width * 3))
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inCup = Math.abs(x - 230) < 70 - (y - 130) * 0.08 && y > 130 && y < 280
      const ring = Math.hypot(x - 305, y - 195)
      const shade = 1 - (y / height) * 0.18
      const [r, g, b] = inCup || (ring > 26 && ring < 40 && x > 290) ? cup : y > 250 ? table : wall
      const at = y * (1 + width * 3) + 1 + x * 3
      pixels.set([r * shade, g * shade, b * shade], at)
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [signature, chunk('IHDR', head), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return { name, mime: 'image/png', bytes: new Uint8Array(Buffer.concat(chunks)) }
}

/** A document of one page that says what it is. */
export function document(name: string): SampleFile {
  const content = 'BT /F1 18 Tf 60 760 Td (Good Days - sample document) Tj ET'
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, n) => {
    const at = text.length
    text += `${n + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  const count = objects.length + 1
  text += `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`
  return { name, mime: 'application/pdf', bytes: new TextEncoder().encode(text) }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Hue in degrees, saturation and lightness from 0 to 1, as red, green and blue to 255. */
function colour(hue: number, saturation: number, lightness: number): [number, number, number] {
  const part = (n: number) => {
    const k = (n + hue / 30) % 12
    return 255 * (lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
  }
  return [part(0), part(8), part(4)]
}
