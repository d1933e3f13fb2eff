import type { Problem } from '~/client/http'

export interface BulkFailure { id: string, problem: Problem }

/** One write for each of many things, a few at a time, with how far it is and what failed. */
export function useBulk() {
  const state = reactive({ done: 0, total: 0, busy: false, failures: [] as BulkFailure[], run })

  async function run(ids: readonly string[], write: (id: string) => Promise<unknown>, atOnce = 4) {
    Object.assign(state, { done: 0, total: ids.length, busy: true, failures: [] })
    const waiting = [...ids]
    async function worker() {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        try {
          await write(id)
        } catch (cause) {
          state.failures.push({ id, problem: asProblem(cause) })
        }
        state.done += 1
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    state.busy = false
    return state.failures.length === 0
  }
  return state
}
