// @ts-check
/** Uploads: one file at a time to the hub, with how far it is; a failed one can be tried again while the page is open. */
import { newId } from './outbox.js'

/** @typedef {import('../../../../domain/refusal.ts').Refusal} Refusal */
/** @typedef {import('./outbox.js').Outgoing} Outgoing */
/**
 * @typedef {{ id: string, file: File, preview: string | null, width: number, height: number, at: number, percent: number, refusal: Refusal | null }} Upload
 */

/** As `backend/domain/attachments.ts`; the hub checks again. */
const FILE_MAX = 25 * 1024 * 1024

export class Uploads {
  /** @type {Upload[]} */
  items = []
  #channel
  #onChange
  #onDone
  #running = false

  /**
   * @param {string} channel
   * @param {{ onChange: () => void, onDone: (content: Outgoing) => void, prepare: () => Promise<boolean> }} options
   */
  constructor(channel, { onChange, onDone, prepare }) {
    this.#channel = channel
    this.#onChange = onChange
    this.#onDone = onDone
    this.prepare = prepare
    window.addEventListener('beforeunload', (event) => {
      if (this.items.some(({ refusal }) => refusal === null)) event.preventDefault()
    })
  }

  /** @param {Iterable<File>} files */
  async add(files) {
    for (const file of files) {
      const picture = file.type.startsWith('image/') ? await measure(file) : null
      this.items.push({
        id: newId(),
        file,
        preview: picture?.address ?? null,
        width: picture?.width ?? 0,
        height: picture?.height ?? 0,
        at: Date.now(),
        percent: 0,
        refusal: localRefusal(file),
      })
    }
    this.#onChange()
    await this.#run()
  }

  /** @param {string} id */
  async retry(id) {
    const item = this.items.find((one) => one.id === id)
    if (!item) return false
    item.refusal = localRefusal(item.file)
    this.#onChange()
    await this.#run()
    return true
  }

  /** @param {string} id */
  discard(id) {
    const item = this.items.find((one) => one.id === id)
    if (!item) return false
    this.#forget(item)
    this.#onChange()
    return true
  }

  async #run() {
    if (this.#running) return
    this.#running = true
    for (;;) {
      const item = this.items.find(({ refusal }) => refusal === null)
      if (!item) break
      const unreachable = {
        code: /** @type {const} */ ('hub.unreachable'),
        params: {},
        whoCould: null,
        instead: /** @type {const} */ ('none'),
      }
      const answer = (await this.prepare()) ? await this.#upload(item) : { refusal: unreachable }
      if ('refusal' in answer) item.refusal = answer.refusal
      else {
        this.#forget(item)
        this.#onDone(answer)
      }
      this.#onChange()
    }
    this.#running = false
  }

  /** @param {Upload} item */
  #forget(item) {
    this.items = this.items.filter((one) => one !== item)
    // Pictures that are still on the screen need their address for a moment longer.
    const { preview } = item
    if (preview) window.setTimeout(() => URL.revokeObjectURL(preview), 10_000)
  }

  /**
   * @param {Upload} item
   * @returns {Promise<Outgoing | { refusal: Refusal }>}
   */
  #upload(item) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest()
      /** @param {Refusal['code']} code */
      const failed = (code) => resolve({ refusal: { code, params: {}, whoCould: null, instead: 'none' } })
      request.open(
        'POST',
        `/chat/${this.#channel}/attachments?name=${encodeURIComponent(item.file.name.slice(-200).replace(/[\ud800-\udfff]/gu, '') || 'file')}`,
      )
      request.setRequestHeader('content-type', item.file.type || 'application/octet-stream')
      request.responseType = 'json'
      request.upload.addEventListener('progress', ({ loaded, total }) => {
        const percent = Math.floor((loaded / Math.max(1, total)) * 100)
        if (percent === item.percent) return
        item.percent = percent
        this.#onChange()
      })
      request.addEventListener('error', () => failed('hub.unreachable'))
      request.addEventListener('load', () => {
        const answer = request.response
        if (request.status === 200 && typeof answer?.attachmentId === 'string') {
          const { attachmentId, name, size } = answer
          const { width, height } = item
          const image = width > 0 && height > 0 ? { width, height } : null
          resolve({ kind: 'attachment', attachmentId, name, size, image })
        } else if (typeof answer?.error?.code === 'string') resolve({ refusal: answer.error })
        else failed(request.status === 413 ? 'request.tooLarge' : 'hub.unreachable')
      })
      request.send(item.file)
    })
  }
}

/**
 * What can be told without asking the hub.
 * @param {File} file
 * @returns {Refusal | null}
 */
function localRefusal({ size, name }) {
  const more = { whoCould: null, instead: /** @type {const} */ ('choose-other') }
  if (size === 0) return { code: 'attachment.empty', params: { name }, ...more }
  if (size > FILE_MAX) return { code: 'attachment.tooLarge', params: { name, max: FILE_MAX }, ...more }
  return null
}

/**
 * The picture's size, so that its room is reserved before it is drawn; null when it is none the browser can show.
 * @param {File} file
 * @returns {Promise<{ address: string, width: number, height: number } | null>}
 */
function measure(file) {
  const address = URL.createObjectURL(file)
  return new Promise((resolve) => {
    const image = new Image()
    image.addEventListener('load', () => resolve({ address, width: image.naturalWidth, height: image.naturalHeight }))
    image.addEventListener('error', () => {
      URL.revokeObjectURL(address)
      resolve(null)
    })
    image.src = address
  })
}
