import type { LaterAnswer, RouterRow } from '~/client/types'
import type { Query } from '~/client/http'

/** What a menu of a router holds, or that the router has not answered yet. */
export interface MenuAnswer { rows: RouterRow[], later: LaterAnswer | null, tookMs: number }

/** Reads of one router: an answer at once, or later through the job that waits for its next check-in. */
export function useRouterReads(deviceId: string) {
  const api = useApi()
  async function timed(ask: () => ReturnType<typeof api.routeros.answer>): Promise<MenuAnswer> {
    const began = performance.now()
    const { status, data } = await ask()
    const later = status === 202 ? data as LaterAnswer : null
    return { rows: later ? [] : rowsOf(data), later, tookMs: Math.round(performance.now() - began) }
  }
  return {
    read: (menu: string, filters: Query, signal?: AbortSignal) => timed(() => api.routeros.read(deviceId, menu, filters, signal)),
    again: (jobId: string, signal?: AbortSignal) => timed(() => api.routeros.answer(jobId, signal)),
  }
}
