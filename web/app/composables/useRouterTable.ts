import type { Resource } from '~/composables/useResource'
import type { MenuAnswer } from '~/composables/useRouterReads'

const LATER_S = 5

/**
 * One menu of a router, asked again every so often. While the router has not answered, the job that waits for it is
 * looked at, and what was known before stays in sight.
 */
export function useRouterTable(deviceId: string, menu: () => string, everyS: () => number) {
  const { read, again } = useRouterReads(deviceId)
  const waiting = ref<string | null>(null)
  const table: Resource<MenuAnswer> = useResource(async (signal): Promise<MenuAnswer> => {
    const asked = menu()
    const answer = waiting.value ? await again(waiting.value, signal) : await read(asked, {}, signal)
    waiting.value = answer.later?.job_id ?? null
    // What was shown of this menu stays until there is something newer.
    return answer.later && table.data ? { ...table.data, later: answer.later } : answer
  }, { watch: menu, forget: true })
  watch(menu, () => { waiting.value = null }, { flush: 'sync' })

  let lastAt = Date.now()
  const timer = setInterval(() => {
    const every = waiting.value ? LATER_S : everyS()
    if (!every || table.pending || document.visibilityState !== 'visible' || Date.now() - lastAt < every * 1000) return
    lastAt = Date.now()
    void table.refresh()
  }, 1000)
  onScopeDispose(() => clearInterval(timer))
  return table
}
