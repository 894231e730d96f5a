// @ts-check
/**
 * The page inside another site's frame: what it tells the launcher there (how many are unread, close me), and what it
 * hears (whether it is open). It answers only the window above it, at the origin that spoke first.
 */

/**
 * @param {{ onOpen: (open: boolean) => void }} options
 */
export function createParent({ onOpen }) {
  let isOpen = false
  let origin = ''
  let unread = 0

  /** @param {Record<string, unknown>} message */
  function tell(message) {
    if (origin !== '') window.parent.postMessage({ source: 'countertop-chat', ...message }, origin)
  }

  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.data?.source !== 'countertop-launcher') return
    if (origin === '') origin = event.origin
    if (event.origin !== origin || typeof event.data.open !== 'boolean') return
    isOpen = event.data.open
    tell({ type: 'unread', count: unread })
    onOpen(isOpen)
  })

  return {
    get isOpen() {
      return isOpen
    },
    /** @param {number} count */
    setUnread(count) {
      unread = count
      tell({ type: 'unread', count })
    },
    close: () => tell({ type: 'close' }),
  }
}
