import type { Callback, Subscription } from '~/client/types'
import type { Fact } from '~/components/frame/FactList.vue'
import { t } from '~/utils/messages'

export const CALLBACK_STATES: Callback['state'][] = ['waiting', 'delivered', 'dead']

/** The page of what the news is about. */
export function callbackSubject(callback: Pick<Callback, 'subject_id'>): string {
  const folder = { run: 'runs', dev: 'devices' }[callback.subject_id.slice(0, 3)] ?? 'jobs'
  return `/${folder}/${encodeURIComponent(callback.subject_id)}`
}

/** What an address may be told of, until it is wanted no more. */
export const STANDING_EVENTS: Subscription['events'] = [
  'device.offline', 'device.online', 'device.rebooted', 'job.failed', 'run.halted', 'run.finished', 'run.cancelled',
]

/** What is known of one piece of news beside its attempts. */
export function callbackFacts(callback: Callback): Fact[] {
  return [
    { label: t('callback.subject'), value: callback.subject_id, to: callbackSubject(callback) },
    { label: t('callback.host'), value: callback.host, mono: true },
    { label: t('callback.created'), at: callback.created_at },
    ...(callback.next_at ? [{ label: t('callback.next'), at: callback.next_at }] : []),
    ...(callback.ended_at ? [{ label: t('callback.ended'), at: callback.ended_at }] : []),
    ...(callback.error ? [{ label: t('callback.error'), value: callback.error }] : []),
    { label: t('callback.id'), value: callback.id, mono: true },
  ]
}
