import type { Query } from '~/client/http'

export const RANGES = ['15m', '1h', '6h', '24h', '7d', '30d', '90d'] as const
const SECONDS: Record<string, number> = { '15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800, '30d': 2592000, '90d': 7776000 }

/** A span that is not mostly empty: what has reported for an hour is not shown in a day. */
export function rangeSince(begin: string | null | undefined, now: number): string {
  const age = begin ? (now - Date.parse(begin)) / 1000 : Infinity
  return age < 900 ? '15m' : age < 2 * 3600 ? '1h' : age < 12 * 3600 ? '6h' : '24h'
}

/** The span of time that the charts of a page show: the last so long, or two moments once somebody zoomed in. */
export function useRange(otherwise: () => string = () => '24h') {
  const { text, set } = useQueryState()
  const last = computed(() => text('last', otherwise()))
  const zoomed = computed(() => Boolean(text('from') && text('to')))
  const query = computed<Query>(() => (zoomed.value ? { from: text('from'), to: text('to') } : { last: last.value }))
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/\.\d+/, '')

  return {
    last, zoomed, query,
    /** How often data of this span is worth asking for again. */
    everyS: computed(() => ((SECONDS[last.value] ?? 86400) > 86400 ? 300 : 30)),
    show: (value: string) => set({ last: value === otherwise() ? null : value, from: null, to: null }),
    zoom: (from: number, to: number) => set({ from: iso(from), to: iso(Math.max(to, from + 60)) }),
  }
}
