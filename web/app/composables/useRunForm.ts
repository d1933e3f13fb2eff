import { DEVICE_FILTERS } from '~/utils/devices'

/** The state of the form for a new run: devices by the filters in the address, the rest here, and the way to the server. */
export function useRunForm() {
  const api = useApi()
  const { zone } = useZone()
  const { text, set } = useQueryState()
  const list = useDeviceList({ limit: 25, sparklines: false })
  const form = reactive<RunForm>(emptyRunForm(zone.value))
  const loading = useAction()
  const action = useAction()
  const from = text('from')
  const kinds = useResource(signal => api.jobKinds(signal))
  const info = computed(() => kinds.data?.items.find(one => one.kind === form.kind))
  const fields = computed(() => (info.value ? fieldsOf(info.value) : null))
  const confirmable = computed(() => canBeConfirmed(form, info.value))
  const fits = computed(() => fittingOf(form, info.value, confirmable.value))
  watch(fields, now => Object.assign(form.typed, { [form.kind]: { ...initialValues(now ?? []), ...form.typed[form.kind] } }), { immediate: true })

  /** A run that was only planned is replaced by what is made of it. */
  const replaces = ref<string | null>(null)
  if (text('pick')) Object.assign(form, { everyone: false, device_ids: text('pick').split(',') })
  if (text('kind')) form.kind = text('kind')
  if (text('library')) Object.assign(form, { kind: 'library', library: { ...noLibraryPick(), id: text('library'), version: Number(text('version')) || null } })
  if (from) {
    void loading.run(async () => {
      const run = await api.runs.get(from)
      Object.assign(form, formOfRun(run, zone.value))
      if (run.state === 'planned' || run.state === 'draft') replaces.value = run.id
      const selection = specOf(run).selection ?? {}
      set(Object.fromEntries(['q', ...DEVICE_FILTERS].map(key => [key, (selection as Record<string, string | string[]>)[key] ?? null])))
    })
  }

  const step = computed<RunStep>(() => RUN_STEPS.find(one => one === text('step')) ?? 'devices')
  const matching = computed(() => list.collection.total)
  const count = computed(() => (form.everyone ? matching.value ?? 0 : form.device_ids.length))
  const missing = computed(() => Object.fromEntries(RUN_STEPS.map(one => [one, missingIn(one, form, matching.value, fields.value)])))
  const target = computed(() => (form.everyone ? { selection: list.selection.value } : { device_ids: form.device_ids }))
  const go = (to: RunStep) => set({ step: to === 'devices' ? null : to }, true)

  async function plan() {
    const made = await action.run(() => api.runs.create(newRunOf(form, list.selection.value, fields.value ?? [], confirmable.value, fits.value)))
    if (!made) return
    // The old plan was never sent: if it cannot be put away now, it stays in the list and harms nobody.
    if (replaces.value) await api.runs.cancel(replaces.value, t('run.replacedBy', { id: made.id })).catch(() => null)
    await navigateTo(`/runs/${made.id}`)
  }
  return { list, form, kinds, info, fields, confirmable, fits, loading, action, replaces, step, count, missing, target, go, plan }
}
export type RunFormState = ReturnType<typeof useRunForm>
