/**
 * The pages of an add-friend link (NTF-5), for phones: plain HTML in both languages, without any script. What comes from the
 * team or from LINE is escaped.
 */
import { escapeHtml, languageFor } from '../channels/webchat/page.ts'

export type FriendPage =
  /** Says what the link is for, and leads on. */
  | { kind: 'begin'; team: string; phone: string; action: string }
  /** `known`: the contact is there; otherwise it comes when the account is added. */
  | { kind: 'done'; team: string; phone: string; known: boolean }
  | { kind: 'broken' | 'expired' | 'used' | 'cancelled' | 'elsewhere' | 'closed' | 'notNow'; again: string | null }

const WORDS = {
  'zh-Hant-TW': {
    begin: {
      title: '加入 LINE 好友',
      text: '加入 {team} 的 LINE 官方帳號，之後的通知會直接傳到你的 LINE。',
      phone: '這個連結屬於手機號碼 {phone}。如果這不是你的號碼，請關閉此頁。',
      go: '使用 LINE 繼續',
      note: '下一步是 LINE 的登入頁。我們只會取得你的 LINE 用戶識別碼，用來對應這個手機號碼。',
    },
    done: {
      title: '完成了',
      known: '你的 LINE 已經與手機號碼 {phone} 配對，{team} 的通知會傳到你的 LINE。',
      waiting: '已記下你的 LINE 與手機號碼 {phone}。加入 {team} 的 LINE 官方帳號為好友後，配對就會生效。',
      close: '可以關閉這個頁面了。',
    },
    broken: { title: '連結無法辨識', text: '連結可能不完整。請回到簡訊，再點一次完整的連結。' },
    expired: { title: '連結已過期', text: '這個連結的有效期限是 30 天。需要新的連結時，請聯絡傳送簡訊的店家。' },
    used: {
      title: '連結已經用過',
      text: '這個連結已經配對過另一個 LINE 帳號，每個連結只能使用一次。如果不是你本人，請聯絡店家。',
    },
    cancelled: { title: '沒有完成', text: '你在 LINE 取消了登入，什麼都沒有改變。' },
    elsewhere: { title: '請重新開始', text: '登入太久沒有完成，或是在另一個瀏覽器完成。請從簡訊的連結重新開始。' },
    closed: { title: '目前無法加入', text: '店家的 LINE 設定已變更，這個連結暫時不能使用。請聯絡傳送簡訊的店家。' },
    notNow: { title: 'LINE 暫時沒有回應', text: '什麼都沒有改變。請過幾分鐘再試一次。' },
    again: '再試一次',
  },
  en: {
    begin: {
      title: 'Add us on LINE',
      text: 'Add the LINE account of {team}: from then on its notifications come to your LINE.',
      phone: 'This link belongs to the phone number {phone}. If that is not yours, please close this page.',
      go: 'Continue with LINE',
      note: 'The next page is LINE’s own. We only get your LINE user ID, to match it with this phone number.',
    },
    done: {
      title: 'Done',
      known: 'Your LINE is matched with the phone number {phone}. Notifications from {team} come to your LINE now.',
      waiting:
        'Your LINE is noted for the phone number {phone}. It takes effect once you have added the LINE account of {team}.',
      close: 'You can close this page.',
    },
    broken: {
      title: 'This link cannot be read',
      text: 'It may be cut off. Please go back to the SMS and open the whole link again.',
    },
    expired: {
      title: 'This link has expired',
      text: 'Links are good for 30 days. Please ask the shop that sent the SMS for a new one.',
    },
    used: {
      title: 'This link has been used',
      text: 'It was matched with another LINE account; each link works once. If that was not you, please tell the shop.',
    },
    cancelled: { title: 'Not finished', text: 'You cancelled at LINE. Nothing has changed.' },
    elsewhere: {
      title: 'Please start again',
      text: 'It took too long, or ended in another browser. Please begin again from the link in the SMS.',
    },
    closed: {
      title: 'Not possible at the moment',
      text: 'The shop has changed its LINE settings, so that this link does not work now. Please ask the shop.',
    },
    notNow: { title: 'LINE does not answer', text: 'Nothing has changed. Please try again in a few minutes.' },
    again: 'Try again',
  },
} as const

/** @param loginOrigin where the form may lead */
export function friendPageHeaders(loginOrigin: string | null): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "base-uri 'none'",
      `form-action 'self'${loginOrigin ? ` ${loginOrigin}` : ''}`,
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
  }
}

/** @param acceptLanguage of the request */
export function friendPageHtml(page: FriendPage, acceptLanguage: string | undefined): string {
  const language = languageFor(acceptLanguage)
  const words = WORDS[language]
  const { title, body } = contentOf(page, words)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/f/page.css">
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`
}

type Words = (typeof WORDS)[keyof typeof WORDS]

function contentOf(page: FriendPage, words: Words): { title: string; body: string } {
  switch (page.kind) {
    case 'begin': {
      const { title, text, phone, go, note } = words.begin
      const form = `<form method="post" action="${escapeHtml(page.action)}"><button>${escapeHtml(go)}</button></form>`
      return {
        title,
        body: [paragraph(text, page), paragraph(phone, page), form, paragraph(note, page, 'note')].join('\n'),
      }
    }
    case 'done': {
      const { title, known, waiting, close } = words.done
      return { title, body: [paragraph(page.known ? known : waiting, page), paragraph(close, page, 'note')].join('\n') }
    }
    default: {
      const { title, text } = words[page.kind]
      const again = page.again && `<p><a href="${escapeHtml(page.again)}">${escapeHtml(words.again)}</a></p>`
      return { title, body: [paragraph(text, {}), again].filter((part) => part).join('\n') }
    }
  }
}

/** Names and numbers keep their own direction. */
function paragraph(text: string, { team = '', phone = '' }: { team?: string; phone?: string }, kind = ''): string {
  const filled = escapeHtml(text)
    .replace('{team}', () => `<bdi>${escapeHtml(team)}</bdi>`)
    .replace('{phone}', () => `<bdi class="figures">${escapeHtml(phone)}</bdi>`)
  return `<p${kind ? ` class="${kind}"` : ''}>${filled}</p>`
}

export const FRIEND_PAGE_CSS = `:root { color-scheme: light dark; --ground: #f6f5f2; --surface: #fff; --line: #e4e2dc; --text: #1d1f1e; --quiet: #5e635f;
  --accent: #0f766e; --on-accent: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #161817; --surface: #1e2120; --line: #343937; --text: #eceeec; --quiet: #a7ada9; --accent: #4fd1c5;
    --on-accent: #06302c; }
}
* { box-sizing: border-box; }
body { margin: 0; min-block-size: 100vh; display: grid; align-items: center; padding: 16px; background: var(--ground); color: var(--text);
  font: 16px/1.6 system-ui, 'PingFang TC', 'Microsoft JhengHei UI', 'Noto Sans TC', sans-serif; text-autospace: normal; }
main { inline-size: min(26rem, 100%); margin-inline: auto; padding: 28px 24px; border: 1px solid var(--line); border-radius: 16px;
  background: var(--surface); }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 1.4; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
p:last-child { margin-block-end: 0; }
.note { color: var(--quiet); font-size: 14px; }
.figures { font-variant-numeric: tabular-nums; }
form { margin-block: 20px; }
button, a { display: grid; place-items: center; inline-size: 100%; min-block-size: 48px; padding-inline: 16px; border: 0; border-radius: 8px;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`
