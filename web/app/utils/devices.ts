import type { DeviceSummary } from '~/client/types'
import { t } from '~/utils/messages'
import type { Column } from '~/utils/columns'

export const DEVICE_FILTERS = ['status', 'site_id', 'site_group_id', 'model', 'version', 'architecture', 'tag'] as const

export function deviceColumns(): Column[] {
  return [
    { key: 'name', label: t('device.name'), sort: 'name', fixed: true, class: 'min-w-36 max-w-64', phone: 'title' },
    { key: 'status', label: t('device.status'), sort: 'status', phone: 'end' },
    { key: 'model', label: t('device.model'), sort: 'model', from: 'md', phone: 'line' },
    { key: 'version', label: t('device.version'), sort: 'version', from: 'sm', phone: 'line' },
    { key: 'site', label: t('device.site'), from: 'lg', class: 'max-w-36 truncate', phone: 'line' },
    { key: 'cpu_load', label: t('device.cpu'), sort: 'cpu_load', align: 'end', from: 'sm', phone: 'figure' },
    { key: 'memory_used_percent', label: t('device.memory'), sort: 'memory_used_percent', align: 'end', from: '2xl' },
    { key: 'rx_bps', label: t('device.rx'), sort: 'rx_bps', align: 'end', from: 'lg', phone: 'figure' },
    { key: 'tx_bps', label: t('device.tx'), sort: 'tx_bps', align: 'end', from: 'xl' },
    { key: 'clients', label: t('device.clients'), sort: 'clients', align: 'end', from: 'xl' },
    { key: 'uptime_s', label: t('device.uptime'), sort: 'uptime_s', align: 'end', from: '2xl' },
    { key: 'last_seen_at', label: t('device.lastSeen'), sort: 'last_seen_at', align: 'end', from: 'sm', phone: 'line' },
    { key: 'serial', label: t('device.serial'), phone: 'line' },
    { key: 'architecture', label: t('device.architecture'), phone: 'line' },
    { key: 'wan_address', label: t('device.wanAddress'), phone: 'line' },
    { key: 'temperature_c', label: t('device.temperature'), align: 'end', phone: 'figure' },
    { key: 'disk_used_percent', label: t('device.disk'), align: 'end', phone: 'figure' },
    { key: 'tags', label: t('device.tags'), phone: 'line' },
    { key: 'agent_version', label: t('device.agentVersion'), phone: 'figure' },
    { key: 'enrolled_at', label: t('device.enrolled'), sort: 'enrolled_at', align: 'end', phone: 'figure' },
  ]
}

/** What the table shows until somebody chooses. */
export const DEVICE_COLUMNS = [
  'name', 'status', 'model', 'version', 'site', 'cpu_load', 'memory_used_percent', 'rx_bps', 'tx_bps', 'uptime_s', 'last_seen_at',
]

/** What a device is, in one line: model, and what tells it from its siblings. */
export function deviceSubtitle(device: DeviceSummary): string {
  return [device.model || device.board, device.serial].filter(Boolean).join(' · ')
}
