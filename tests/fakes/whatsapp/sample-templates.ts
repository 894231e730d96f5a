/** Templates such as a shop has them, one for each way in which a template can need something filled in, or nothing. */
import type { Template } from './templates.ts'

type Sample = Omit<Template, 'id' | 'language' | 'status'>

const samples: Sample[] = [
  {
    // Nothing to fill in.
    name: 'store_hours_notice',
    category: 'UTILITY',
    parameter_format: 'POSITIONAL',
    components: [
      { type: 'HEADER', format: 'TEXT', text: '門市營業時間' },
      { type: 'BODY', text: '您好,各門市週一至週日 11:00–21:30 營業,國定假日照常。歡迎隨時來店或在此留言。' },
      { type: 'FOOTER', text: '不需要通知請回覆「停止」' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: '我要預約' },
          { type: 'PHONE_NUMBER', text: '撥打門市', phone_number: '+886227001234' },
        ],
      },
    ],
  },
  {
    name: 'pickup_ready',
    category: 'UTILITY',
    parameter_format: 'POSITIONAL',
    components: [
      {
        type: 'BODY',
        text: '{{1}} 您好,您訂購的商品已到 {{2}},請於 {{3}} 前攜帶證件來店取貨。',
        example: { body_text: [['王小姐', '信義門市', '7 月 31 日']] },
      },
    ],
  },
  {
    name: 'appointment_reminder',
    category: 'UTILITY',
    parameter_format: 'NAMED',
    components: [
      {
        type: 'HEADER',
        format: 'TEXT',
        text: '{{store_name}} 預約提醒',
        example: { header_text_named_params: [{ param_name: 'store_name', example: '信義門市' }] },
      },
      {
        type: 'BODY',
        text: '{{customer_name}} 您好,提醒您 {{visit_time}} 與我們有約。若需改期,直接回覆這則訊息即可。',
        example: {
          body_text_named_params: [
            { param_name: 'customer_name', example: '王小姐' },
            { param_name: 'visit_time', example: '週六下午 3 點' },
          ],
        },
      },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: '我會準時到' },
          { type: 'QUICK_REPLY', text: '我要改期' },
        ],
      },
    ],
  },
  {
    name: 'new_arrival',
    category: 'MARKETING',
    parameter_format: 'POSITIONAL',
    components: [
      {
        type: 'HEADER',
        format: 'IMAGE',
        example: { header_handle: ['https://shop.example/pictures/new-arrival.jpg'] },
      },
      { type: 'BODY', text: '本季新品到店,會員搶先看。' },
      { type: 'FOOTER', text: '數量有限,售完為止' },
    ],
  },
  {
    name: 'order_shipped',
    category: 'UTILITY',
    parameter_format: 'POSITIONAL',
    components: [
      {
        type: 'BODY',
        text: '您的訂單 {{1}} 已出貨,可由下方按鈕查詢進度。',
        example: { body_text: [['A20260712']] },
      },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'URL',
            text: '查詢進度',
            url: 'https://shop.example/orders/{{1}}',
            example: ['https://shop.example/orders/A20260712'],
          },
        ],
      },
    ],
  },
  {
    name: 'birthday_coupon',
    category: 'MARKETING',
    parameter_format: 'POSITIONAL',
    components: [
      { type: 'BODY', text: '生日快樂!送您一張生日禮券,結帳時出示代碼即可折抵。' },
      { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', text: '複製代碼', example: ['BDAY100'] }] },
    ],
  },
  {
    name: 'visit_survey',
    category: 'MARKETING',
    parameter_format: 'POSITIONAL',
    components: [
      { type: 'BODY', text: '謝謝您今天來店,花一分鐘告訴我們您的感受吧。' },
      {
        type: 'BUTTONS',
        buttons: [
          {
            type: 'FLOW',
            text: '填寫問卷',
            flow_id: '700100200300400',
            flow_action: 'NAVIGATE',
            navigate_screen: 'SURVEY',
          },
        ],
      },
    ],
  },
]

/** Approved, in Traditional Chinese; the ids are always the same. */
export const sampleTemplates: readonly Template[] = samples.map((sample, n) => ({
  ...sample,
  id: String(920_070_352_646_100 + n),
  language: 'zh_TW',
  status: 'APPROVED',
}))
