// @ts-check
/** Every word the customer reads, in both languages, and the words for what was refused. */

/** @typedef {'zh-Hant-TW' | 'en'} Language */
/** @typedef {import('../../../../domain/refusal.ts').Refusal} Refusal */

const zh = {
  welcome: '您好，很高興為您服務！',
  welcomeMore: '請留下您的問題，客服人員會在這裡回覆您。',
  placeholder: '輸入訊息…',
  messageLabel: '訊息內容',
  composer: '撰寫訊息',
  send: '傳送',
  attach: '傳送圖片或檔案',
  language: 'English',
  languageLabel: 'Switch to English',
  minimise: '縮小對話視窗',
  conversation: '對話內容',
  older: '載入更早的訊息',
  newer: '新訊息',
  toNewest: '回到最新訊息',
  you: '您',
  stageNew: '線上客服',
  stageWaiting: '已收到，客服會盡快回覆',
  stageAnswered: '線上客服',
  stageAnsweredBy: '{name} 為您服務',
  stageClosed: '對話已結束，隨時可以再留言',
  lost: '連線中斷，訊息會在恢復後送出',
  cookies: '這個瀏覽器擋住了這裡的對話，請在新視窗開啟。',
  openWindow: '開啟對話視窗',
  sending: '傳送中',
  sent: '已送出',
  uploading: '上傳中 {percent}%',
  failed: '未送出',
  retry: '重試',
  edit: '編輯',
  discard: '移除',
  today: '今天',
  yesterday: '昨天',
  picture: '圖片：{name}',
  openPicture: '放大圖片：{name}',
  closePicture: '關閉圖片',
  download: '下載檔案：{name}',
  characters: '{length} / {max} 字',
  tooManyCharacters: '超過 {over} 個字',
  unread: '{count} 則未讀訊息',
  loading: '載入中…',
  refusals: {
    'text.empty': '請輸入內容。',
    'text.tooLong': '內容有 {length} 個字，上限是 {max} 個字，請縮短或分成幾則傳送。',
    'attachment.empty': '「{name}」是空的檔案，請改選其他檔案。',
    'attachment.tooLarge': '「{name}」太大，上限是 {max}。',
    'attachment.type': '「{name}」的類型不能傳送，請改用圖片、PDF 或 Office 檔案。',
    'attachment.missing': '找不到這個檔案，請重新選擇。',
    'attachment.inUse': '這個檔案已經送出過了。',
    'attachment.quota': '一小時內傳送的檔案已達上限（{max}），請稍後再試。',
    'request.tooMany': '傳送得太快了，{seconds} 秒後會自動再送。',
    'request.tooLarge': '內容太大，無法傳送。',
    'request.invalid': '這則內容無法傳送。',
    'request.notFound': '這個對話視窗已經停用。',
    'hub.unreachable': '連線中斷，請稍後再試。',
    'internal.error': '系統暫時無法處理，稍後會自動再送。',
  },
  refusedOther: '這則訊息沒有送出，請稍後再試。',
}

/** @type {typeof zh} */
const en = {
  welcome: 'Hello! How can we help?',
  welcomeMore: 'Leave your question and our team will answer you here.',
  placeholder: 'Write a message…',
  messageLabel: 'Message',
  composer: 'Write to us',
  send: 'Send',
  attach: 'Send a picture or file',
  language: '中文',
  languageLabel: '切換為中文',
  minimise: 'Minimise the chat',
  conversation: 'Conversation',
  older: 'Load earlier messages',
  newer: 'New messages',
  toNewest: 'To the newest message',
  you: 'You',
  stageNew: 'Live chat',
  stageWaiting: 'Received. We will answer soon',
  stageAnswered: 'Live chat',
  stageAnsweredBy: '{name} is helping you',
  stageClosed: 'This chat has ended. Write any time',
  lost: 'Connection lost. Your messages will be sent when it is back',
  cookies: 'Your browser blocks this chat here. Please open it in its own window.',
  openWindow: 'Open the chat',
  sending: 'Sending',
  sent: 'Sent',
  uploading: 'Uploading {percent}%',
  failed: 'Not sent',
  retry: 'Try again',
  edit: 'Edit',
  discard: 'Remove',
  today: 'Today',
  yesterday: 'Yesterday',
  picture: 'Picture: {name}',
  openPicture: 'Enlarge picture: {name}',
  closePicture: 'Close picture',
  download: 'Download file: {name}',
  characters: '{length} / {max} characters',
  tooManyCharacters: '{over} characters too many',
  unread: '{count} unread messages',
  loading: 'Loading…',
  refusals: {
    'text.empty': 'Please write something.',
    'text.tooLong': 'The text has {length} characters; the limit is {max}. Please shorten it or send it in parts.',
    'attachment.empty': '“{name}” is empty. Please choose another file.',
    'attachment.tooLarge': '“{name}” is too large; the limit is {max}.',
    'attachment.type': '“{name}” is of a type that cannot be sent. Please use a picture, PDF or Office file.',
    'attachment.missing': 'The file could not be found. Please choose it again.',
    'attachment.inUse': 'This file has been sent already.',
    'attachment.quota': 'The files sent within an hour have reached the limit ({max}). Please try again later.',
    'request.tooMany': 'That was too fast; it will be sent again in {seconds} seconds.',
    'request.tooLarge': 'That is too large to send.',
    'request.invalid': 'This cannot be sent.',
    'request.notFound': 'This chat is no longer available.',
    'hub.unreachable': 'The connection is lost. Please try again later.',
    'internal.error': 'Something went wrong on our side; it will be sent again.',
  },
  refusedOther: 'The message was not sent. Please try again later.',
}

/** @type {Record<Language, typeof zh>} */
export const words = { 'zh-Hant-TW': zh, en }

/** @typedef {{ [K in keyof typeof zh]: (typeof zh)[K] extends string ? K : never }[keyof typeof zh]} Word */

/**
 * A text with its `{places}` filled in.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}

/**
 * What a refusal means, for the customer.
 * @param {Refusal} refusal
 * @param {Language} language
 */
export function refusalText(refusal, language) {
  const known = words[language].refusals
  const text = Object.entries(known).find(([code]) => code === refusal.code)?.[1] ?? words[language].refusedOther
  const max = refusal.params['max']
  const isFile = refusal.code.startsWith('attachment.')
  return fill(text, { ...refusal.params, ...(isFile && typeof max === 'number' ? { max: sizeText(max) } : {}) })
}

/**
 * Bytes for people: 「1.2 MB」.
 * @param {number} bytes
 */
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MB`
}
