/** The customer page's HTML. Everything that comes from the team is escaped; scripts and styles are files of our own. */
import { FILE_TYPES } from '../../../domain/attachments.ts'
import type { ChatPlace } from './store.ts'

export type PageOptions = {
  place: ChatPlace
  /** Shown inside another site, in the frame that `embed.js` makes. */
  embedded: boolean
  /** The visitor has written before, so there is a history to ask for. */
  known: boolean
  language: 'zh-Hant-TW' | 'en'
}

/** What the page may load and do, and who may frame it: anybody the embedded one, nobody the full one. */
export function pageHeaders(embedded: boolean): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${embedded ? '*' : "'none'"}`,
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cross-origin-resource-policy': embedded ? 'cross-origin' : 'same-origin',
  }
}

/** The language for an `Accept-Language` header: English for whoever asks for it before any Chinese. */
export function languageFor(header: string | undefined): PageOptions['language'] {
  const wanted = (header ?? '')
    .split(',')
    .map((part, at) => {
      const [tag = '', ...more] = part.trim().toLowerCase().split(';')
      const quality = Number(
        more
          .find((one) => one.trim().startsWith('q='))
          ?.trim()
          .slice(2) ?? '1',
      )
      return { tag, quality: Number.isFinite(quality) ? quality : 0, at }
    })
    .filter(({ tag, quality }) => quality > 0 && /^(zh|en)\b/.test(tag))
    .sort((a, b) => b.quality - a.quality || a.at - b.at)
  return wanted[0]?.tag.startsWith('en') ? 'en' : 'zh-Hant-TW'
}

/** Makes text safe inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** The whole page. Words are put in by the page itself, so that it can change language without loading again. */
export function pageHtml({ place, embedded, known, language }: PageOptions): string {
  const team = escapeHtml(place.teamName)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${team}</title>
<link rel="icon" href="/chat/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/chat/assets/chat.css">
<script type="module" src="/chat/assets/chat.js"></script>
</head>
<body data-channel="${escapeHtml(place.channel.id)}" data-team="${team}" data-known="${known ? 'yes' : 'no'}" data-embedded="${embedded ? 'yes' : 'no'}">
<div id="frame">
<header>
<span class="face team" aria-hidden="true"></span>
<div class="who"><h1 dir="auto">${team}</h1><p id="stage"></p></div>
<button id="language" type="button" class="quiet-button"></button>
<button id="minimise" type="button" class="icon-button" hidden><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 9 6 6 6-6"/></svg></button>
</header>
<p id="banner" role="status" hidden></p>
<main>
<div id="scroller" tabindex="0">
<button id="older" type="button" class="quiet-button" hidden></button>
<div id="welcome" hidden><span class="face team large" aria-hidden="true"></span><p class="hello" data-word="welcome"></p><p data-word="welcomeMore"></p></div>
<div id="log" role="log" aria-live="off"><ol id="thread"></ol><ol id="waiting"></ol></div>
</div>
<button id="newer" type="button" hidden></button>
</main>
<form id="composer" autocomplete="off">
<p id="notice" role="alert" hidden></p>
<div class="field">
<input id="file" type="file" multiple hidden tabindex="-1" accept="${FILE_TYPES.join(',')}">
<button id="attach" type="button" class="icon-button"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m20 11.5-8.4 8.4a5.5 5.5 0 0 1-7.8-7.8l8.8-8.8a3.7 3.7 0 0 1 5.2 5.2l-8.6 8.6a1.8 1.8 0 0 1-2.6-2.6l7.8-7.8"/></svg></button>
<textarea id="text" rows="1" dir="auto" enterkeyhint="send" aria-describedby="counter"></textarea>
<button id="send" type="submit" class="icon-button send"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 19V5m-6 6 6-6 6 6"/></svg></button>
</div>
<p id="counter" hidden></p>
</form>
</div>
<dialog id="picture"><button type="button" class="icon-button" id="picture-close"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6 6 18"/></svg></button><img alt=""></dialog>
<noscript><p class="noscript" lang="zh-Hant-TW">請開啟瀏覽器的 JavaScript 功能以使用線上客服。</p><p class="noscript" lang="en">Please turn on JavaScript to chat with us.</p></noscript>
</body>
</html>
`
}
