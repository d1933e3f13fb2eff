import type { Query } from '~/client/http'
import type { LogLine } from '~/client/types'

export const LOG_FILTERS = ['severity', 'topics', 'device_id'] as const
export type LogFilter = typeof LOG_FILTERS[number]
const MOST_FOLLOWED = 500
const SHOWS_MS = 150

/** The search that the page's address holds, its lines, and those that come while it is followed. */
export function useLogs() {
  const api = useApi()
  const range = useRange(() => '1h')
  const { list, text, set } = useQueryState()
  const q = computed(() => text('q'))
  const values = (filter: LogFilter) => list(filter)
  const conditions = (but?: LogFilter) => LOG_FILTERS.filter(filter => filter !== but).flatMap(filter => list(filter).map(value => `${filter}=${value}`))
  const scope = computed<Query>(() => ({ q: q.value, where: conditions() }))
  const filtered = computed(() => Boolean(q.value || conditions().length))
  const span = (): Query => logSpan(range.query.value, Date.now())

  const following = ref(false)
  const followed = shallowRef<LogLine[]>([])
  const older = shallowRef<LogLine[]>([])
  const cursor = ref<string | null>(null)
  const shown = () => [scope.value, range.query.value]
  let source: EventSource | null = null
  let fresh: LogLine[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function unfollow() {
    source?.close()
    source = null
    clearTimeout(timer)
    timer = undefined
    fresh = []
  }
  function show() {
    timer = undefined
    followed.value = [...fresh.reverse(), ...followed.value].slice(0, MOST_FOLLOWED)
    fresh = []
  }
  function follow() {
    unfollow()
    if (!following.value) return
    const mine = source = new EventSource(api.logs.follow(scope.value))
    mine.addEventListener('line', (event) => {
      fresh.push(JSON.parse((event as MessageEvent<string>).data) as LogLine)
      timer ??= setTimeout(show, SHOWS_MS)
    })
    mine.addEventListener('error', () => { if (mine === source && mine.readyState === EventSource.CLOSED) following.value = false })
  }
  // Before the page is asked for again: lines of another search are not shown beside its answer.
  watch(() => JSON.stringify(shown()), () => {
    followed.value = []
    older.value = []
  })
  watch([following, () => JSON.stringify(scope.value)], follow)
  onScopeDispose(unfollow)

  const page = useResource(signal => api.logs.search({ ...scope.value, ...span(), limit: 100 }, signal), {
    watch: shown, everyS: 30, when: () => !older.value.length, forget: true,
  })
  watch(() => page.data, (data) => { if (data) cursor.value = data.next_cursor ?? null })
  const more = useAction()
  const lines = computed(() => distinctLines([...followed.value, ...(page.data?.items ?? []), ...older.value]))

  return {
    range, q, scope, filtered, span, conditions, values, set, page, lines, following, cursor, more, shown,
    exportAddress: computed(() => api.logs.exportCsv({ ...scope.value, ...span() })),
    loadOlder: () => more.run(async () => {
      const next = await api.logs.search({ ...scope.value, ...span(), limit: 100, cursor: cursor.value })
      older.value = [...older.value, ...next.items]
      cursor.value = next.next_cursor ?? null
    }),
  }
}
export type LogState = ReturnType<typeof useLogs>
