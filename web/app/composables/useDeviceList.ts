import type { Query } from '~/client/http'
import type { DeviceSelection } from '~/client/types'

/** The devices page's state: the list, what it is filtered by, the counts beside each filter, the columns. */
export function useDeviceList(options: { limit?: number, sparklines?: boolean } = {}) {
  const api = useApi()
  const { list, text, set } = useQueryState()
  const filters = computed(() => Object.fromEntries(DEVICE_FILTERS.map(key => [key, list(key)])) as Record<string, string[]>)
  const collection = useCollection((query, signal) => api.devices.list(query, signal), {
    query: () => filters.value, sort: 'name', everyS: 30, limit: options.limit,
  })
  const asked = computed<Query>(() => ({ q: collection.q, ...filters.value }))
  const facets = useResource(signal => api.devices.facets(asked.value, signal), { watch: () => asked.value, everyS: 30 })

  const ids = computed(() => collection.items.filter(device => device.status === 'online').map(device => device.id))
  const sparklines = useResource(
    async signal => (ids.value.length
      ? new Map((await api.telemetry.sparklines({ metric: 'cpu_load', device_id: ids.value, last: '6h', points: 24 }, signal))
          .items.map(item => [item.device_id, item.values]))
      : new Map<string, (number | null)[]>()),
    { watch: () => ids.value, when: () => options.sparklines ?? true },
  )

  const every = deviceColumns()
  const chosen = computed(() => (text('cols') ? text('cols').split(',') : DEVICE_COLUMNS))
  const columns = computed(() => every.filter(column => column.fixed || chosen.value.includes(column.key)))
  const choose = (keys: string[]) => set({ cols: keys.join(',') === DEVICE_COLUMNS.join(',') ? null : keys.join(',') })

  /** The same filter as the API's `selection`, for "all that match". */
  const selection = computed<DeviceSelection>(() => ({
    ...(collection.q ? { q: collection.q } : {}),
    ...Object.fromEntries(Object.entries(filters.value).filter(([, values]) => values.length)),
  }) as DeviceSelection)
  const filtered = computed(() => Object.keys(selection.value).length > 0)
  const clear = () => collection.filter({ q: null, ...Object.fromEntries(DEVICE_FILTERS.map(key => [key, null])) })

  return { collection, filters, facets, sparklines, every, columns, chosen, choose, selection, filtered, clear }
}
export type DeviceList = ReturnType<typeof useDeviceList>
