import type { LiveState } from '~/client/types'
import type { Resource } from '~/composables/useResource'

/** Asks a router to hold a request open for as long as somebody looks at this page, and tells whether it does. */
export function useLiveMode(deviceId: string): Resource<LiveState> {
  const api = useApi()
  return useResource<LiveState>(() => api.routeros.live(deviceId), { everyS: 5 })
}
