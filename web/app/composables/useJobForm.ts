const MOST_CHARACTERS = 16_384

/** The state of the form for a job: what is asked, whether it can be sent, and the sending. */
export function useJobForm(target: () => JobTarget, start: JobStart | undefined) {
  const api = useApi()
  const action = useAction()
  const { zone } = useZone()
  const form = reactive<JobForm>(emptyJobForm(start, zone.value))
  const kinds = useResource(signal => api.jobKinds(signal))
  const info = computed(() => kinds.data?.items.find(one => one.kind === form.kind))
  const fields = computed(() => (info.value ? fieldsOf(info.value) : []))
  const check = useScriptCheck({ source: () => (form.kind === 'script' ? form.script : ''), target })
  const confirmable = computed(() => canBeConfirmed(form, info.value))
  const fits = computed(() => fittingOf(form, info.value, confirmable.value))
  const sent = ref<{ ids: string[], batch: string } | null>(null)
  watch(fields, now => Object.assign(form.values, { [form.kind]: { ...initialValues(now), ...form.values[form.kind] } }), { immediate: true })

  /** Why nothing can be sent now; empty when it can. */
  const held = computed(() => {
    if (form.kind === 'library') return heldPick(form.library)
    if (form.kind !== 'script') {
      if (!info.value) return t('state.loading')
      const field = fieldHeld(fields.value, form.values[form.kind] ?? {})
      return field ? t('kindField.check', { name: kindLabel(field) }) : ''
    }
    if (!form.script.trim()) return t('script.needed')
    if (form.script.length > MOST_CHARACTERS) return t('script.tooLong', { most: MOST_CHARACTERS, length: form.script.length })
    return check.status === 'refused' && !form.unchecked ? t('script.refused', { n: check.errorCount }) : ''
  })

  async function send() {
    if (held.value) return
    const made = await action.run(() => api.jobs.create(newJobOf(form, target(), fields.value, confirmable.value, fits.value)))
    if (made) sent.value = { ids: made.items.map(job => job.id), batch: made.batch_id }
  }
  return { form, kinds, info, fields, check, confirmable, fits, held, action, sent, send }
}
