/** One run through everything the fake can do, for comparing what was said with Meta's contract. */
import type { Call } from '../platform/calls.ts'
import { sampleTemplates } from './sample-templates.ts'
import type { Answer, TestWorld } from './test-world.ts'

export type Answered = Answer & Pick<Call, 'method' | 'path'>

/** Every endpoint and every kind of message either way, and refusals; gives every answer. */
export async function broadRun({ whatsapp, account, call, clock }: TestWorld): Promise<Answered[]> {
  const answers: Answered[] = []
  async function ask(method: string, path: string, body?: unknown, token?: string): Promise<unknown> {
    const answer = await call(method, path, body, token)
    answers.push({ ...answer, method, path: `/v23.0${path}`.replace(/\?.*/, '') })
    return answer.body
  }
  for (const template of sampleTemplates) account.addTemplate(template)
  const user = account.addUser({ name: '王小姐', waId: '886912345678' })
  const hidden = account.addUser({ name: '匿名', withoutPhone: true })
  const bytes = Buffer.from('bytes')
  const asked = account.send(user, { type: 'text', text: '您好' })
  account.send(hidden, { type: 'text', text: '您好' })
  const phone = `/${account.settings.phoneNumberId}`
  const waba = `/${account.settings.wabaId}`

  const form = new FormData()
  form.set('messaging_product', 'whatsapp')
  form.set('type', 'image/png')
  form.set('file', new File([bytes], 'a.png', { type: 'image/png' }))
  const upload = await ask('POST', `${phone}/media`, form)
  const id = isObject(upload) ? String(upload['id']) : ''

  const contents = [
    { type: 'text', text: { body: '您好 https://shop.example', preview_url: true } },
    { text: { body: '沒有種類就是文字' } },
    { type: 'image', image: { id, caption: '這個' } },
    { type: 'video', video: { link: 'https://shop.example/a.mp4', caption: '影片' } },
    { type: 'audio', audio: { link: 'https://shop.example/a.ogg' } },
    { type: 'document', document: { link: 'https://shop.example/a.pdf', filename: 'a.pdf', caption: '文件' } },
    { type: 'sticker', sticker: { link: 'https://shop.example/a.webp' } },
    { type: 'location', location: { latitude: 25.03, longitude: 121.56, name: '信義門市', address: '信義路' } },
    {
      type: 'contacts',
      contacts: [
        {
          name: { formatted_name: '李小姐', first_name: '李' },
          phones: [{ phone: '+886911111111', type: 'WORK', wa_id: '886911111111' }],
          emails: [{ email: 'li@shop.example', type: 'WORK' }],
          urls: [{ url: 'https://shop.example', type: 'WORK' }],
          birthday: '1990-01-02',
          addresses: [{ city: '台北', type: 'WORK' }],
        },
      ],
    },
    { type: 'reaction', reaction: { message_id: asked.wamid, emoji: '👍' } },
    {
      type: 'interactive',
      interactive: {
        type: 'button',
        header: { type: 'image', image: { id } },
        body: { text: '要嗎' },
        footer: { text: '請選' },
        action: { buttons: [{ type: 'reply', reply: { id: 'y', title: '要' } }] },
      },
    },
    {
      type: 'interactive',
      interactive: {
        type: 'list',
        header: { type: 'text', text: '門市' },
        body: { text: '哪一間' },
        action: { button: '選門市', sections: [{ rows: [{ id: 'a', title: '信義', description: '近捷運' }] }] },
      },
    },
    {
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        body: { text: '看會員卡' },
        action: { name: 'cta_url', parameters: { display_text: '開啟', url: 'https://shop.example/card' } },
      },
    },
    ...templateSends(id),
  ]
  for (const content of contents) {
    const reply = 'type' in content && content.type === 'text' ? { context: { message_id: asked.wamid } } : {}
    await ask('POST', `${phone}/messages`, {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '886912345678',
      biz_opaque_callback_data: 'data',
      ...reply,
      ...content,
    })
  }
  const text = { messaging_product: 'whatsapp', type: 'text', text: { body: '您好' } }
  await ask('POST', `${phone}/messages`, { ...text, recipient: hidden.userId })
  const read = { messaging_product: 'whatsapp', status: 'read', message_id: asked.wamid }
  await ask('POST', `${phone}/messages`, { ...read, typing_indicator: { type: 'text' } })

  const first = account.messagesFor('886912345678')[0]?.wamid ?? ''
  await whatsapp.idle()
  account.read(first)
  account.send(user, { type: 'text', text: '引用' }, { quotes: first })
  account.send(user, { type: 'text', text: '轉傳' }, { isForwarded: true })
  account.send(user, { type: 'image', bytes, mimeType: 'image/jpeg', caption: '圖' })
  account.send(user, { type: 'video', bytes, mimeType: 'video/mp4' })
  account.send(user, { type: 'audio', bytes, mimeType: 'audio/ogg', isVoice: true })
  account.send(user, { type: 'document', bytes, mimeType: 'application/pdf', filename: 'a.pdf' })
  account.send(user, { type: 'sticker', bytes, isAnimated: true })
  account.send(user, { type: 'location', latitude: 25, longitude: 121 })
  account.send(user, { type: 'contacts', contacts: [{ name: '李小姐', phone: '+886911111111' }] })
  account.send(user, { type: 'reaction', to: first, emoji: '👍' })
  account.send(user, { type: 'buttonReply', to: first, id: 'y', title: '要' })
  account.send(user, { type: 'listReply', to: first, id: 'a', title: '信義' })
  account.send(user, { type: 'flowReply', to: first, name: 'flow', fields: { score: 5 } })
  account.send(user, { type: 'quickReply', to: first, payload: 'p', text: '好' })
  account.send(user, { type: 'order', catalogId: '1', items: [{ id: 's', quantity: 1, price: 10 }] })
  account.send(user, { type: 'unsupported' })
  account.fault({ code: 131016, details: 'overloaded' })

  const path = `${phone}/block_users`
  await ask('POST', path, {
    messaging_product: 'whatsapp',
    block_users: [{ user: '886912345678' }, { user: '886900000000' }],
  })
  await ask('GET', path)
  await ask('DELETE', path, { messaging_product: 'whatsapp', block_users: [{ user: '886912345678' }] })
  await ask('GET', `${waba}/message_templates?limit=2&fields=name,language,status,components,category`)
  await ask('POST', `${waba}/subscribed_apps`)
  await ask('GET', `${waba}/subscribed_apps`)
  await ask('GET', phone)
  const media = await ask('GET', `/${id}`)
  const url = isObject(media) ? String(media['url']) : ''
  await fetch(url, { headers: { authorization: `Bearer ${account.settings.accessToken}` } })
  await ask('DELETE', `/${id}`)
  await ask('GET', `/${id}`)

  await ask('GET', phone, undefined, 'another-token')
  await ask('POST', `${phone}/messages`, { ...text, to: '886912345678' }, 'another-token')
  const unknown = { type: 'template', template: { name: 'nothing', language: { code: 'zh_TW' } } }
  await ask('POST', `${phone}/messages`, { messaging_product: 'whatsapp', to: '886912345678', ...unknown })
  clock.now += 24 * 60 * 60_000
  await ask('POST', `${phone}/messages`, { ...text, to: '886912345678' })
  await whatsapp.idle()
  return answers
}

function templateSends(id: string) {
  const send = (name: string, components?: object[]) => ({
    type: 'template',
    template: { name, language: { code: 'zh_TW' }, ...(components && { components }) },
  })
  const text = (one: string, name?: string) => ({ type: 'text', ...(name && { parameter_name: name }), text: one })
  const button = (sub_type: string, parameter: object) => ({
    type: 'button',
    sub_type,
    index: '0',
    parameters: [parameter],
  })
  return [
    send('store_hours_notice'),
    send('pickup_ready', [{ type: 'body', parameters: [text('王小姐'), text('信義門市'), text('週日')] }]),
    send('appointment_reminder', [
      { type: 'header', parameters: [text('信義門市', 'store_name')] },
      { type: 'body', parameters: [text('王小姐', 'customer_name'), text('週六', 'visit_time')] },
      button('quick_reply', { type: 'payload', payload: 'ok' }),
    ]),
    send('new_arrival', [{ type: 'header', parameters: [{ type: 'image', image: { id } }] }]),
    send('order_shipped', [{ type: 'body', parameters: [text('A1')] }, button('url', text('A1'))]),
    send('birthday_coupon', [button('copy_code', { type: 'coupon_code', coupon_code: 'BDAY7' })]),
    send('visit_survey', [button('flow', { type: 'action', action: { flow_token: 't', flow_action_data: { a: 1 } } })]),
  ]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
