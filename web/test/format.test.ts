import { describe, expect, it } from 'vitest'
import { formatAbsolute, formatBytes, formatDuration, formatPercent, formatRate, formatRelative, formatValue, NOTHING } from '~/utils/format'

const NOW = Date.parse('2026-11-23T04:20:00Z')

describe('figures', () => {
  it.each([[0, '0 bps'], [999, '999 bps'], [1500, '1.50 kbps'], [12_400_000, '12.4 Mbps'], [9.3e9, '9.30 Gbps']])('writes %d bits a second as %s', (value, text) => {
    expect(formatRate(value)).toBe(text)
  })

  it('counts bytes in thousands', () => {
    expect(formatBytes(1_250_000_000)).toBe('1.25 GB')
  })

  it('shows that a value is not known, never a zero', () => {
    expect([formatRate(null), formatBytes(undefined), formatPercent(null), formatDuration(null)]).toEqual([NOTHING, NOTHING, NOTHING, NOTHING])
  })

  it('writes a value in the unit that the API names', () => {
    expect(formatValue(41.5, 'celsius')).toBe('41.5 °C')
    expect(formatValue(-97, 'dbm')).toBe('-97 dBm')
  })
})

describe('times', () => {
  it.each([[0, '0 s'], [59, '59 s'], [130, '2 min 10 s'], [3600, '1 h'], [273_600, '3 d 4 h']])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  it('tells how long ago something was, and how soon it will be', () => {
    expect(formatRelative('2026-11-23T04:17:00Z', NOW)).toBe('3 min ago')
    expect(formatRelative('2026-11-23T06:20:00Z', NOW)).toBe('in 2 h')
    expect(formatRelative(null, NOW)).toBe('never')
  })

  it('names the zone in every full time', () => {
    expect(formatAbsolute('2026-11-23T04:20:11Z', 'UTC')).toBe('23 Nov 2026, 04:20:11 UTC')
    expect(formatAbsolute('2026-11-23T04:20:11Z', 'Europe/Berlin')).toBe('23 Nov 2026, 05:20:11 CET')
  })
})
