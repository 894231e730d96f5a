// @ts-check
/** Web addresses in a text, found with care: only http and https, without the punctuation that follows them. */

const ADDRESS = /https?:\/\/[^\s<>"'「」『』（）【】，。！？、；：]+/giu
const TAIL = /[.,!?;:)\]}'"*_~]+$/

/**
 * The text in pieces; those with an address are links.
 * @param {string} text
 * @returns {{ text: string, href: string | null }[]}
 */
export function pieces(text) {
  const found = []
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TAIL, '')
    if (!isAddress(address)) continue
    if (match.index > at) found.push({ text: text.slice(at, match.index), href: null })
    found.push({ text: address, href: address })
    at = match.index + address.length
  }
  if (at < text.length) found.push({ text: text.slice(at), href: null })
  return found
}

/** @param {string} text */
function isAddress(text) {
  if (!URL.canParse(text)) return false
  const { protocol, username, hostname } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && hostname !== ''
}
