import { refDebounced } from '@vueuse/core'
import type { DeviceSelection, VersionCheck } from '~/client/types'
import { type Remark, remarksOf } from '~/utils/scriptPlaces'

export type CheckStatus = 'idle' | 'checking' | 'clean' | 'warned' | 'refused' | 'unavailable'

interface Asked {
  source: () => string
  target: () => { device_ids?: string[], selection?: DeviceSelection, versions?: string[] }
}

export interface ScriptCheck {
  /** How the text that is there now stands; `refused` is when one of the versions would refuse it. */
  status: CheckStatus
  checks: readonly VersionCheck[]
  /** The version that is looked at, null for all. */
  version: string | null
  remarks: readonly Remark[]
  errorCount: number
  warningCount: number
  refresh: () => Promise<void>
}

const SETTLES_MS = 350

/** What RouterOS would say of a script, asked of the server when the typing rests. */
export function useScriptCheck({ source, target }: Asked): ScriptCheck {
  const api = useApi()
  const settled = refDebounced(computed(source), SETTLES_MS)
  const version = ref<string | null>(null)
  const found = useResource(async (signal) => {
    const text = settled.value
    return { text, answer: await api.scripts.check({ source: text, ...target() }, signal) }
  }, { watch: () => [settled.value, target()], when: () => settled.value.trim() !== '' })

  const empty = computed(() => source().trim() === '')
  const checks = computed(() => (empty.value ? [] : found.data?.answer.checks ?? []))
  const looked = computed(() => checks.value.filter(check => version.value === null || check.version === version.value))
  const remarks = computed(() => remarksOf(looked.value, null))
  const status = computed<CheckStatus>(() => {
    if (empty.value) return 'idle'
    if (found.data?.text === source()) return found.data.answer.ok ? (looked.value.some(one => one.warning_count) ? 'warned' : 'clean') : 'refused'
    return found.problem && !found.pending && settled.value === source() ? 'unavailable' : 'checking'
  })
  watch(checks, (fresh) => { if (!fresh.some(check => check.version === version.value)) version.value = null })
  const one = computed(() => (looked.value.length === 1 ? looked.value[0] : undefined))
  const count = (severity: Remark['severity']) => remarks.value.filter(remark => remark.severity === severity).length
  return reactive({
    status, checks, version, remarks,
    errorCount: computed(() => one.value?.error_count ?? count('error')),
    warningCount: computed(() => one.value?.warning_count ?? count('warning')),
    refresh: found.refresh,
  })
}
