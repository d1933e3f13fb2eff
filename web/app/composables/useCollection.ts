import type { Query } from '~/client/http'
import type { Page } from '~/client/types'

interface Options {
  query?: () => Query
  sort?: string
  limit?: number
  everyS?: number
}

/**
 * A list that the server searches, sorts and pages. What is searched, sorted and looked at stands in the address
 * (`q`, `sort`, `cursor`); a change of filter starts again at the first page.
 */
export function useCollection<T>(load: (query: Query, signal: AbortSignal) => Promise<Page<T>>, options: Options = {}) {
  const { text, set } = useQueryState()
  const limit = options.limit ?? 50
  const q = computed(() => text('q'))
  const sort = computed(() => text('sort', options.sort))
  const cursor = computed(() => text('cursor'))
  const asked = computed<Query>(() => ({ q: q.value, sort: sort.value, limit, cursor: cursor.value, ...options.query?.() }))
  const resource = useResource(signal => load(asked.value, signal), { watch: () => asked.value, everyS: options.everyS })

  /** The cursors passed on the way here; empty after a reload, when "back" can only be the first page. */
  const trail = ref<string[]>([])
  const at = ref(0)
  function next() {
    const following = resource.data?.next_cursor
    if (!following) return
    trail.value = [...trail.value, cursor.value]
    at.value += limit
    set({ cursor: following }, true)
  }
  function back() {
    const before = trail.value.at(-1) ?? ''
    trail.value = trail.value.slice(0, -1)
    at.value = before ? at.value - limit : 0
    set({ cursor: before }, true)
  }
  function first(changes: Record<string, string | string[] | null>) {
    trail.value = []
    at.value = 0
    set({ ...changes, cursor: null })
  }

  return {
    resource, limit, next, back, filter: first,
    search: (value: string) => first({ q: value }),
    sortBy: (value: string) => first({ sort: value }),
    get q() { return q.value },
    get sort() { return sort.value },
    get asked() { return asked.value },
    get at() { return at.value },
    get firstPage() { return !cursor.value },
    get items() { return resource.data?.items ?? [] },
    get total() { return resource.data?.total ?? null },
  }
}
export type Collection<T> = ReturnType<typeof useCollection<T>>
