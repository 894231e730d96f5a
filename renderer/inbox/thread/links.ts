/**
 * Finds what in a text may be followed: web addresses, mail addresses and telephone numbers, and nothing else. The text
 * stays text; a link is never fetched, and its words are what it leads to.
 */
import { LinkifyIt } from 'linkify-it'

export type Piece = { text: string; href: string | null }

const SAFE_PROTOCOL = /^(?:https?:\/\/|mailto:)/i
/** Chinese letters and full-width signs end an address: people write on without a space. */
const EAST_ASIAN = /[\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]/
/** Where an address begins right behind a Chinese letter, which the finder takes for part of a word. */
const BEGINS_AFTER_CHINESE =
  /(?<=[\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef])(?=https?:\/\/|www\.|[\w.+-]+@)/i
const ASCII_HOST = /^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?$/i
/** Taiwan's mobile and area numbers, and international ones with their +. */
const PHONE =
  /(?<![\d+.,/#-])(?:\+\d{1,3}[ -]?(?:\d[ -]?){6,12}\d|09\d{2}[ -]?\d{3}[ -]?\d{3}|\(?0[2-8]\d?\)?[ -]?\d{3,4}[ -]?\d{4})(?![\d-])/g

const finder = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: false, maxLength: 2_048 })
  .add('ftp:', null)
  .add('//', null)

/** Cuts a text into plain pieces and links, in order; joined, the pieces are the text. */
export function linkPieces(text: string): Piece[] {
  return text.split(BEGINS_AFTER_CHINESE).flatMap(piecesOf)
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (const match of finder.match(text) ?? []) {
    // Without http:// only what people clearly mean as an address.
    if (match.schema === '' && !/^www\./i.test(match.raw) && !match.url.startsWith('mailto:')) continue
    const raw = trimAddress(match.raw)
    const href = safeHref(match.url.slice(0, match.url.length - (match.raw.length - raw.length)))
    if (href === null) continue
    pieces.push(...phonePieces(text.slice(done, match.index)), { text: raw, href })
    done = match.index + raw.length
  }
  pieces.push(...phonePieces(text.slice(done)))
  return pieces
}

function trimAddress(raw: string): string {
  const hostAt = raw.indexOf('://') + (raw.includes('://') ? 3 : 0)
  const rest = raw.slice(hostAt)
  const cut = rest.search(EAST_ASIAN)
  if (cut <= 0) return raw
  const before = rest.slice(0, cut)
  const pathStarted = /[/?#]/.test(before)
  return pathStarted || ASCII_HOST.test(before) ? raw.slice(0, hostAt + cut) : raw
}

/** The address when its protocol is one that may be followed, else null. */
function safeHref(url: string): string | null {
  return SAFE_PROTOCOL.test(url) ? url : null
}

function phonePieces(text: string): Piece[] {
  if (text === '') return []
  const pieces: Piece[] = []
  let done = 0
  for (const match of text.matchAll(PHONE)) {
    if (match.index > done) pieces.push({ text: text.slice(done, match.index), href: null })
    pieces.push({ text: match[0], href: `tel:${match[0].replace(/[^\d+]/g, '')}` })
    done = match.index + match[0].length
  }
  if (done < text.length) pieces.push({ text: text.slice(done), href: null })
  return pieces
}
