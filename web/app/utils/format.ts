import { t } from '~/utils/messages'

/** Where a value is not known, this stands: never a zero that nobody measured. */
export const NOTHING = '–'
const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P']

function scaled(value: number, step: number): [number, string] {
  let power = 0
  let rest = Math.abs(value)
  while (rest >= step && power < PREFIXES.length - 1) {
    rest /= step
    power += 1
  }
  return [Math.sign(value) * rest, PREFIXES[power]!]
}

function digits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2).replace(/\.0+$/, '')
}

/** Bytes in decimal units: `1.25 GB`. */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING
  const [rest, prefix] = scaled(value, 1000)
  return `${digits(rest)} ${prefix}B`
}

/** Bits a second: `12.4 Mbps`. */
export function formatRate(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING
  const [rest, prefix] = scaled(value, 1000)
  return `${digits(rest)} ${prefix}bps`
}

export function formatNumber(value: number | null | undefined, fraction = 0): string {
  if (value === null || value === undefined) return NOTHING
  return value.toLocaleString('en', { maximumFractionDigits: fraction })
}

export function formatPercent(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : `${Math.round(value)} %`
}

/** A part of a whole: what is there never reads as nothing. */
export function formatShare(percent: number): string {
  return percent > 0 && percent < 1 ? '< 1 %' : formatPercent(percent)
}

/** A value of a metric, in the unit that the API names for it. */
export function formatValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return NOTHING
  switch (unit) {
    case 'bps': return formatRate(value)
    case 'bytes': return formatBytes(value)
    case 'percent': case '%': return formatPercent(value)
    case 's': return formatDuration(value)
    case 'celsius': case 'C': case 'c': case '°C': return `${digits(value)} °C`
    case 'volt': case 'V': case 'v': return `${digits(value)} V`
    case 'dbm': case 'dBm': return `${digits(value)} dBm`
    default: return formatNumber(value, 1)
  }
}

/** The two largest parts of a duration: `3 d 4 h`, `2 min 10 s`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NOTHING
  const whole = Math.max(0, Math.round(seconds))
  const parts: [number, string][] = [
    [Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first < 0) return '0 s'
  return parts.slice(first, first + 2).filter(([amount], index) => index === 0 || amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`).join(' ')
}

/** How long something took: below a second it took a moment, not none. */
export function formatTook(seconds: number | null | undefined): string {
  return seconds !== null && seconds !== undefined && seconds < 1 ? '< 1 s' : formatDuration(seconds)
}

/** `2 min ago`, `in 5 min`: coarse on purpose, the exact time stands beside or behind it. */
export function formatRelative(at: string | null | undefined, now: number): string {
  if (!at) return t('time.never')
  const seconds = Math.round((now - Date.parse(at)) / 1000)
  const size = Math.abs(seconds)
  if (size < 5) return t('time.now')
  const [amount, unit] = size < 60
    ? [size, 's']
    : size < 3600
      ? [Math.floor(size / 60), 'min']
      : size < 86400 ? [Math.floor(size / 3600), 'h'] : [Math.floor(size / 86400), 'd']
  return t(seconds > 0 ? 'time.ago' : 'time.in', { span: `${amount} ${unit}` })
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${JSON.stringify(options)}`
  const made = formatters.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone, hourCycle: 'h23' })
  formatters.set(key, made)
  return made
}

/** `23 Nov 2026, 04:20:11 UTC`, with the zone's name always in it. */
export function formatAbsolute(at: string | number | null | undefined, zone: string): string {
  if (at === null || at === undefined || at === '') return NOTHING
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return NOTHING
  const options = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const
  return formatter(zone, options).format(date)
}

/** `04:20:11` in the zone; the zone is named once where such times stand in a list. */
export function formatClock(at: string | number, zone: string): string {
  return formatter(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at))
}

/** `23 Nov 2026`. */
export function formatDay(at: string | null | undefined, zone: string): string {
  return at ? formatter(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at)) : NOTHING
}
