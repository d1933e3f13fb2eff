/** One run as it goes: asked for again whenever the server tells that it changed. */
export function useRun(id: string) {
  const api = useApi()
  const run = useResource(signal => api.runs.get(id, signal), { everyS: 5 })
  useLive().on('run', (change) => { if (change.id === id) void run.refresh() })
  return run
}

/** Runs that wait for a second person; `mine` are those that this person may decide about. */
export function useApprovals() {
  const api = useApi()
  const { session, can } = useSession()
  const waiting = useResource(signal => api.runs.list({ state: 'awaiting_approval', limit: 50, sort: 'created_at' }, signal), {
    everyS: 60, when: () => can('runs:read'), watch: () => session.value?.organisation.id,
  })
  useLive().on('run', () => void waiting.refresh())
  const own = computed(() => session.value?.person.id ?? '')
  const items = computed(() => waiting.data?.items ?? [])
  const mine = computed(() => (can('runs:approve') ? items.value.filter(run => !isOwnRun(run, own.value)) : []))
  const others = computed(() => items.value.filter(run => !mine.value.includes(run)))
  return { waiting, mine, others }
}
