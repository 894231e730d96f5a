/** The files that customers send from the sandbox: small, and made on the spot. */
import sharp from 'sharp'
import { document, picture } from '../../../backend/hub/demo/files.ts'

export type SampleFile = { name: string; mime: string; bytes: Buffer<ArrayBuffer> }

/** A still life; each number has its own colours. */
export function samplePicture(n: number): SampleFile {
  const { name, mime, bytes } = picture(`照片-${n}.png`, n)
  return { name, mime, bytes: Buffer.from(bytes) }
}

export function sampleDocument(): SampleFile {
  const { name, mime, bytes } = document('訂購單.pdf')
  return { name, mime, bytes: Buffer.from(bytes) }
}

/** ms */
export const VOICE_LASTS = 1_044

/** A second of silence as MP3: frames of MPEG-1 layer III at 32 kbit/s and 44,100 Hz, mono, with nothing in them. */
export function sampleVoice(): SampleFile {
  const frame = Buffer.alloc(104)
  frame.set([0xff, 0xfb, 0x10, 0xc4])
  return { name: '語音訊息.mp3', mime: 'audio/mpeg', bytes: Buffer.concat(Array.from({ length: 40 }, () => frame)) }
}

/** A smiling cup, in the form that WhatsApp wants of stickers. */
export async function sampleSticker(): Promise<SampleFile> {
  const cup = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" fill="none" stroke-linecap="round">
    <path d="M120 170h230v120a115 115 0 0 1-230 0z" fill="#4fd1c5" stroke="#0f766e" stroke-width="14"/>
    <path d="M350 200h30a50 50 0 0 1 0 100h-34" stroke="#0f766e" stroke-width="14"/>
    <path d="M190 240v14m90-14v14M195 300q40 36 80 0" stroke="#06302c" stroke-width="16"/>
    <path d="M180 130q-18-28 0-56m55 56q-18-28 0-56m55 56q-18-28 0-56" stroke="#8b908c" stroke-width="12"/>
  </svg>`
  const bytes = Buffer.from(new Uint8Array(await sharp(Buffer.from(cup)).webp().toBuffer()))
  return { name: '貼圖.webp', mime: 'image/webp', bytes }
}

export const SAMPLE_PLACE = {
  title: '台北 101',
  address: '台北市信義區信義路五段 7 號',
  latitude: 25.0339,
  longitude: 121.5645,
}
