import type { Query } from '~/client/http'
import type { LogHistogram, LogLine } from '~/client/types'
import { t } from '~/utils/messages'
import type { ChartLine } from '~/utils/chart'

const UNITS: Record<string, number> = { m: 60, h: 3600, d: 86400 }
const GRAVE = ['emergency', 'alert', 'critical', 'error']
export const SEVERITIES = [...GRAVE, 'warning', 'notice', 'info', 'debug'] as const

/** A range of the page as the two moments that the API of logs takes. */
export function logSpan(range: Query, now: number): Query {
  if (range.from && range.to) return { since: range.from, until: range.to }
  const [, amount = '1', unit = 'h'] = /^(\d+)([mhd])$/.exec(String(range.last)) ?? []
  return { since: new Date(now - Number(amount) * UNITS[unit]! * 1000).toISOString() }
}

/** Each line once, in the order given: what is followed comes again in the page. */
export function distinctLines(lines: readonly LogLine[]): LogLine[] {
  return [...new Map(lines.map(line => [line.id, line])).values()]
}

/** How a severity is coloured; the word is there as well. */
export function severityTone(severity: string): 'error' | 'warning' | 'neutral' {
  if (GRAVE.includes(severity)) return 'error'
  return severity === 'warning' ? 'warning' : 'neutral'
}

/** Counts over time: errors and worse, warnings, and the rest. Steps without a line are not in the answer and count as none. */
export function histogramLines(answer: LogHistogram | undefined): ChartLine[] {
  const known = new Map((answer?.steps ?? []).map(step => [Date.parse(step.at), step.lines]))
  const moments = answer ? stepsOf(answer) : []
  const points = (tone: string) => moments.map((at) => {
    const counts = Object.entries(known.get(at) ?? {}).filter(([severity]) => severityTone(severity) === tone)
    return [at / 1000, counts.reduce((sum, [, lines]) => sum + lines, 0)] as const
  })
  return [
    { label: t('logs.others'), points: points('neutral'), area: true },
    { label: t('logs.warnings'), points: points('warning'), colour: '--ui-warning' },
    { label: t('logs.errors'), points: points('error'), colour: '--ui-error' },
  ]
}

/** Every whole step of the span, in the phase of those that are known: one that still fills up would look like a fall. */
function stepsOf({ since, until, step_s, steps }: LogHistogram): number[] {
  const first = steps[0]
  if (!first) return []
  const step = step_s * 1000
  const before = Math.max(0, Math.floor((Date.parse(first.at) - Date.parse(since)) / step))
  const begin = Date.parse(first.at) - before * step
  return Array.from({ length: Math.floor((Date.parse(until) - begin) / step) }, (_, index) => begin + index * step)
}
