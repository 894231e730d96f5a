/** The sandbox page's HTML: an empty frame that its modules fill, so that it can change language without loading again. */

/** What the page may load and do. @param hubOrigin whose web chat it shows in a frame */
export function pageHeaders(hubOrigin: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "media-src 'self'",
      "connect-src 'self'",
      `frame-src ${hubOrigin}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cross-origin-resource-policy': 'same-origin',
  }
}

/** @param webchat the address of the web chat's page for a frame; an address of ours, with nothing to escape in it */
export function pageHtml(webchat: string): string {
  return `<!doctype html>
<html lang="zh-Hant-TW">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Countertop</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/sandbox.css">
<link rel="stylesheet" href="/assets/phone.css">
<script type="module" src="/assets/sandbox.js"></script>
</head>
<body data-webchat="${webchat}">
<header class="top">
<h1 data-word="title"></h1>
<p class="lead" data-word="lead"></p>
<p id="hub" role="status"></p>
<button id="language" type="button" class="plain"></button>
</header>
<nav id="switcher" data-label="switcher"></nav>
<main id="phones"></main>
<p id="toast" role="alert" hidden></p>
<noscript><p lang="zh-Hant-TW">請開啟瀏覽器的 JavaScript 功能。</p><p lang="en">Please turn on JavaScript.</p></noscript>
</body>
</html>
`
}
