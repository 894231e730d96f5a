// @ts-check
/**
 * What a shop puts on its own site: a round button that opens the chat in a frame. Nothing of the site reaches the
 * chat and nothing of the chat reaches the site but two words: how many are unread, and "close me".
 */
;(() => {
  const script = document.currentScript
  if (!(script instanceof HTMLScriptElement)) return
  const address = new URL(script.src)
  const channel = /\/chat\/([^/]+)\/embed\.js$/.exec(address.pathname)?.[1]
  if (!channel || document.getElementById(`countertop-chat-${channel}`)) return

  const isEnglish = !/^zh\b/i.test(document.documentElement.lang || navigator.language)
  const words = isEnglish
    ? {
        open: 'Open the chat',
        close: 'Close the chat',
        frame: 'Chat with us',
        unread: (/** @type {number} */ n) => `Open the chat, ${n} unread`,
      }
    : {
        open: '開啟線上客服',
        close: '關閉線上客服',
        frame: '線上客服',
        unread: (/** @type {number} */ n) => `開啟線上客服，${n} 則未讀`,
      }
  const visited = `countertop-chat-visited:${channel}`

  const host = document.createElement('countertop-chat')
  // The site's own rules would win over those of `:host`; nothing wins over these.
  const own = { all: 'initial', position: 'fixed', 'z-index': '2147483000', inset: 'auto 20px 20px auto' }
  for (const [name, value] of Object.entries(own)) host.style.setProperty(name, value, 'important')
  host.id = `countertop-chat-${channel}`
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`
    * { box-sizing: border-box; }
    button {
      position: relative; display: grid; place-items: center; inline-size: 56px; block-size: 56px; margin: 0; padding: 0;
      border: 0; border-radius: 50%; background: #0f766e; color: #fff; cursor: pointer;
      box-shadow: 0 2px 6px rgb(0 0 0 / 16%), 0 8px 24px rgb(0 0 0 / 18%); transition: background 150ms ease-out, transform 150ms ease-out;
    }
    button:hover { background: #0d665f; }
    button:active { transform: scale(.96); }
    button:focus-visible { outline: 3px solid #0f766e; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    svg { inline-size: 26px; block-size: 26px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .when-open, [aria-expanded='true'] .when-closed { display: none; }
    [aria-expanded='true'] .when-open { display: block; }
    .badge {
      position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 22px; padding: 0 6px;
      border-radius: 11px; border: 2px solid #fff; background: #c0362c; color: #fff; font: 600 12px/18px system-ui, sans-serif; text-align: center;
    }
    .badge[hidden] { display: none; }
    .panel {
      position: fixed; inset: auto 20px 88px auto; inline-size: 384px; block-size: min(640px, calc(100vh - 108px));
      block-size: min(640px, calc(100dvh - 108px)); overflow: hidden; border-radius: 16px; background: Canvas;
      box-shadow: 0 4px 12px rgb(0 0 0 / 12%), 0 16px 56px rgb(0 0 0 / 22%); transform-origin: bottom right;
      transition: opacity 150ms ease-out, transform 150ms ease-out, visibility 150ms;
    }
    .panel[data-open='no'] { visibility: hidden; opacity: 0; transform: translateY(12px) scale(.98); }
    iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; }
    @media (max-width: 480px) {
      .panel { inset: 0; inline-size: 100%; block-size: 100%; border-radius: 0; }
      :host([data-open='yes']) button { visibility: hidden; }
    }
    @media (prefers-reduced-motion: reduce) { * { transition-duration: .01ms !important; } }
    @media print { button, .panel { display: none; } }
  `)
  root.adoptedStyleSheets = [sheet]

  const panel = document.createElement('div')
  panel.className = 'panel'
  panel.dataset['open'] = 'no'
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('aria-expanded', 'false')
  button.append(
    drawing(
      'when-closed',
      'M5 8.5A3.5 3.5 0 0 1 8.5 5h7A3.5 3.5 0 0 1 19 8.5v4.5a3.5 3.5 0 0 1-3.5 3.5H12l-4.5 4v-4.1A3.5 3.5 0 0 1 5 13z',
    ),
    drawing('when-open', 'm6 9 6 6 6-6'),
  )
  const badge = document.createElement('span')
  badge.className = 'badge'
  badge.hidden = true
  badge.setAttribute('aria-hidden', 'true')
  button.append(badge)
  root.append(panel, button)

  /** @type {HTMLIFrameElement | null} */
  let frame = null
  let isOpen = false
  let unread = 0

  function load() {
    if (frame) return frame
    const made = document.createElement('iframe')
    made.title = words.frame
    made.src = `${address.origin}/chat/${channel}/embed`
    made.addEventListener('load', tell)
    panel.append(made)
    frame = made
    return made
  }

  function tell() {
    frame?.contentWindow?.postMessage({ source: 'countertop-launcher', open: isOpen }, address.origin)
  }

  /** @param {boolean} open */
  function set(open) {
    if (open === isOpen) return
    isOpen = open
    panel.dataset['open'] = host.dataset['open'] = open ? 'yes' : 'no'
    button.setAttribute('aria-expanded', String(open))
    label()
    if (open) {
      load().focus()
      remember()
    } else button.focus()
    tell()
  }

  function label() {
    button.setAttribute('aria-label', isOpen ? words.close : unread > 0 ? words.unread(unread) : words.open)
    badge.hidden = isOpen || unread === 0
    badge.textContent = unread > 99 ? '99+' : String(unread)
  }

  button.addEventListener('click', () => set(!isOpen))
  window.addEventListener('message', (event) => {
    if (event.origin !== address.origin || !frame || event.source !== frame.contentWindow) return
    if (event.data?.source !== 'countertop-chat') return
    if (event.data.type === 'close') set(false)
    if (event.data.type === 'unread' && Number.isInteger(event.data.count)) {
      unread = event.data.count
      label()
    }
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen) set(false)
  })

  label()
  if (document.body) attach()
  else document.addEventListener('DOMContentLoaded', attach)

  function attach() {
    document.body.append(host)
    // Who has chatted here before is told of new answers; nobody else loads more than this script.
    if (hasVisited()) window.setTimeout(load, 1_500)
  }

  function hasVisited() {
    try {
      return window.localStorage.getItem(visited) !== null
    } catch (error) {
      console.warn('countertop: no storage on this site', error)
      return false
    }
  }

  function remember() {
    try {
      window.localStorage.setItem(visited, '1')
    } catch (error) {
      console.warn('countertop: no storage on this site', error)
    }
  }

  /**
   * @param {string} className
   * @param {string} path
   */
  function drawing(className, path) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', '0 0 24 24')
    svg.setAttribute('aria-hidden', 'true')
    svg.setAttribute('class', className)
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    line.setAttribute('d', path)
    svg.append(line)
    return svg
  }
})()
