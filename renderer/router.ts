/** The places of the window and their addresses. */
import { createRouter, createWebHistory } from 'vue-router'
import type { RouteRecordRaw, Router } from 'vue-router'
import InboxPage from './inbox/InboxPage.vue'
import NotificationsPage from './notifications/NotificationsPage.vue'
import QueuePage from './queue/QueuePage.vue'
import RepliesPage from './replies/RepliesPage.vue'
import ChannelPage from './settings/channels/ChannelPage.vue'
import BlacklistPage from './settings/blacklist/BlacklistPage.vue'
import TeamPage from './settings/team/TeamPage.vue'
import SettingsPage from './settings/SettingsPage.vue'

export const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/inbox' },
  {
    path: '/inbox/:list?/:conversationId?',
    name: 'inbox',
    component: InboxPage,
    meta: { title: 'common.place.inbox' },
  },
  { path: '/queue', name: 'queue', component: QueuePage, meta: { title: 'common.place.queue' } },
  { path: '/settings', name: 'settings', component: SettingsPage, meta: { title: 'common.place.settings' } },
  {
    path: '/settings/channels/:channelId',
    name: 'channel',
    component: ChannelPage,
    meta: { title: 'common.place.settings' },
  },
  {
    path: '/settings/notifications',
    name: 'notifications',
    component: NotificationsPage,
    meta: { title: 'common.place.settings' },
  },
  {
    path: '/settings/replies/:replyId?',
    name: 'replies',
    component: RepliesPage,
    meta: { title: 'common.place.settings' },
  },
  { path: '/settings/team', name: 'team', component: TeamPage, meta: { title: 'common.place.settings' } },
  {
    path: '/settings/blacklist',
    name: 'blacklist',
    component: BlacklistPage,
    meta: { title: 'common.place.settings' },
  },
  { path: '/:unknown(.*)*', redirect: '/inbox' },
]

/** The window's router; an unknown address leads to the inbox. */
export function createAppRouter(): Router {
  return createRouter({ history: createWebHistory(), routes })
}
