import type { FacetCount } from '~/client/types'
import { formatNumber } from '~/utils/format'
import { t } from '~/utils/messages'

export interface FleetPart { key: 'online' | 'offline' | 'waiting' | 'removing', count: number, dot: string, to: string }
export interface FleetHealth { total: number, offline: number, tone: 'success' | 'warning' | 'error', sentence: string, parts: FleetPart[] }

/** From this share on, so many are away that the cause is hardly the routers themselves. */
const MANY = 0.2

function sentenceOf(online: number, offline: number, waiting: number): string {
  const total = formatNumber(online + offline)
  if (offline) return t('overview.someOffline', { n: offline, count: formatNumber(offline), total })
  if (online && waiting) return t('overview.someWaiting', { n: waiting, count: formatNumber(waiting), total })
  if (online) return t('overview.allOnline', { n: online, total })
  return t('overview.noneYet', { n: waiting, count: formatNumber(waiting) })
}

/** What the counts of devices by state say together. Devices that never called are no fault; they only wait. */
export function fleetHealth(states: readonly FacetCount[]): FleetHealth {
  const count = (key: string) => states.find(one => one.key === key)?.count ?? 0
  const [online, offline, waiting, removing] = [count('online'), count('offline'), count('pending') + count('never'), count('removing')]
  const parts: FleetPart[] = [
    { key: 'online', count: online, dot: 'dot-success', to: '/devices?status=online' },
    { key: 'offline', count: offline, dot: 'bg-error', to: '/devices?status=offline' },
    { key: 'waiting', count: waiting, dot: 'bg-warning', to: '/devices?status=pending&status=never' },
    { key: 'removing', count: removing, dot: 'bg-accented', to: '/devices?status=removing' },
  ]
  const tone = offline > MANY * (online + offline) ? 'error' : offline || !online ? 'warning' : 'success'
  return {
    total: online + offline + waiting + removing, offline, tone, sentence: sentenceOf(online, offline, waiting),
    parts: parts.filter(part => part.count || part.key === 'online' || part.key === 'offline'),
  }
}
