import type { Query } from '~/client/http'

/** How far back, in hours. */
const PERIODS = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const
export const JOB_PERIODS = Object.keys(PERIODS) as (keyof typeof PERIODS)[]

/** What a list of jobs is filtered by; it stands in the address. */
export function useJobFilters() {
  const { list, text } = useQueryState()
  const { session } = useSession()
  const me = computed(() => session.value?.person.id ?? '')
  const statuses = computed(() => list('status'))
  const kinds = computed(() => list('kind'))
  const mine = computed(() => text('by') === 'me')
  const period = computed(() => JOB_PERIODS.find(key => key === text('period')))
  /** To the minute, so that a list which is asked again is the same question. */
  const since = computed(() => {
    if (!period.value) return null
    return new Date(Math.floor(Date.now() / 60_000) * 60_000 - PERIODS[period.value] * 3_600_000).toISOString().replace(/\.\d+/, '')
  })
  const query = computed<Query>(() => ({ status: statuses.value, kind: kinds.value, created_by: mine.value ? me.value : null, from: since.value }))
  const filtered = computed(() => Boolean(text('q') || statuses.value.length || kinds.value.length || mine.value || period.value))
  return { statuses, kinds, mine, period, query, filtered }
}
export type JobFilterState = ReturnType<typeof useJobFilters>
