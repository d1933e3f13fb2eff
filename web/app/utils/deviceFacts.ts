import type { DeviceDetail } from '~/client/types'
import { formatBytes, formatDuration, formatNumber, formatPercent } from '~/utils/format'
import { t } from '~/utils/messages'

export interface DeviceFact { label: string, value?: string | number | null, to?: string, mono?: boolean, at?: string | null }

function used(total: number | null, free: number | null, percent: number | null): string | null {
  if (total === null || free === null) return percent === null ? null : formatPercent(percent)
  return t('device.usedOf', { used: formatBytes(total - free), total: formatBytes(total), percent: formatPercent(percent) })
}

function cpu(device: DeviceDetail): string | null {
  if (device.cpu_count === null) return null
  const speed = device.cpu_frequency_mhz === null ? '' : ` × ${formatNumber(device.cpu_frequency_mhz)} MHz`
  return `${device.cpu_count}${speed}`
}

/** Everything a device says about itself, in the groups somebody looks for. */
export function deviceFacts(device: DeviceDetail): { title: string, facts: DeviceFact[] }[] {
  return [
    {
      title: t('device.hardware'),
      facts: [
        { label: t('device.model'), value: device.model },
        { label: t('device.board'), value: device.board },
        { label: t('device.serial'), value: device.serial, mono: true },
        { label: t('device.architecture'), value: device.architecture },
        { label: t('device.cpu'), value: [cpu(device), device.cpu].filter(Boolean).join(' · ') },
        { label: t('device.memory'), value: used(device.memory_total_bytes, device.memory_free_bytes, device.memory_used_percent) },
        { label: t('device.disk'), value: used(device.disk_total_bytes, device.disk_free_bytes, device.disk_used_percent) },
        { label: t('device.license'), value: [device.license_level, device.software_id].filter(Boolean).join(' · ') },
      ],
    },
    {
      title: t('device.software'),
      facts: [
        { label: t('device.identity'), value: device.identity },
        { label: t('device.version'), value: device.version },
        { label: t('device.firmware'), value: device.firmware },
        { label: t('device.upgradeFirmware'), value: device.upgrade_firmware },
        { label: t('device.factoryFirmware'), value: device.factory_firmware },
        { label: t('device.deviceMode'), value: device.device_mode },
        { label: t('device.booted'), at: device.boot_at },
        { label: t('device.agent'), value: [device.agent_version, device.agent_tier].filter(Boolean).join(' · ') },
      ],
    },
    {
      title: t('device.connection'),
      facts: [
        { label: t('device.lastCheckin'), at: device.last_seen_at },
        device.next_checkin_at || !device.missed_checkins
          ? { label: t('device.nextCheckin'), at: device.next_checkin_at }
          : { label: t('device.nextCheckin'), value: t('device.overdue') },
        { label: t('device.interval'), value: device.interval_s === null ? null : formatDuration(device.interval_s) },
        { label: t('device.missedLabel'), value: device.missed_checkins },
        { label: t('device.lastAddress'), value: device.last_address, mono: true },
        { label: t('device.wanAddress'), value: device.wan_address, mono: true },
        { label: t('device.enrolled'), at: device.enrolled_at },
        { label: t('device.id'), value: device.id, mono: true },
      ],
    },
  ]
}
