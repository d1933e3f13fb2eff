import type { Problem } from '~/client/http'

/** A write: busy while it runs, its problem kept for the form, a toast when it worked. */
export function useAction() {
  const toast = useToast()
  const state = reactive({ busy: false, problem: null as Problem | null, run, clear })

  async function run<T>(work: () => Promise<T>, done?: string): Promise<T | undefined> {
    if (state.busy) return undefined
    state.busy = true
    state.problem = null
    try {
      const result = await work()
      if (done) toast.add({ title: done, icon: 'i-lucide-check', color: 'success' })
      return result
    } catch (cause) {
      state.problem = asProblem(cause)
      return undefined
    } finally {
      state.busy = false
    }
  }

  function clear() {
    state.problem = null
  }

  /** As `run`, for a place with no form to show the problem in: it becomes a toast. */
  async function runLoud<T>(work: () => Promise<T>, done?: string): Promise<T | undefined> {
    const result = await run(work, done)
    if (state.problem) {
      const { detail, remedy, code } = state.problem
      toast.add({ title: detail, description: [remedy, code].filter(Boolean).join(' · '), icon: 'i-lucide-triangle-alert', color: 'error' })
    }
    return result
  }
  return Object.assign(state, { runLoud })
}
